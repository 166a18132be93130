import { newId } from '../../platform/ids.js';
import type { WarmProgress } from './in-batches.js';

/** Warms one category; tells how far it is. */
export interface Warmer {
  /** How many keys there are to warm, when it can be told beforehand. */
  total?(options: WarmJobOptions): Promise<number>;
  run(
    options: WarmJobOptions,
    onProgress: (progress: WarmProgress) => void,
    signal: AbortSignal,
  ): Promise<WarmProgress>;
}

export interface WarmJobOptions {
  /** At most so many keys, the most wanted first. */
  readonly top?: number | undefined;
}

/** A warm-up as it stands. Times are ISO 8601. */
export interface WarmJob {
  readonly id: string;
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly done: number;
  readonly failed: number;
  readonly total: number | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
}

const HISTORY = 50;

/** The warm-ups of this process: features register how to warm, schedules and administrators run them. */
export class WarmUps {
  private readonly warmers = new Map<string, Warmer>();
  private readonly jobs = new Map<string, WarmJob>();
  private readonly running = new Map<string, Promise<WarmJob>>();
  private readonly stopping = new AbortController();

  /** Declares how something is warmed, usually under the name of a category. */
  register(name: string, warmer: Warmer): void {
    if (this.warmers.has(name)) throw new Error(`the warm-up ${name} is registered twice`);
    this.warmers.set(name, warmer);
  }

  get names(): string[] {
    return [...this.warmers.keys()];
  }

  /** Begins a warm-up, or gives the one of that name which is running. @returns undefined when there is no such name. */
  begin(name: string, options: WarmJobOptions = {}): WarmJob | undefined {
    const warmer = this.warmers.get(name);
    if (!warmer) return undefined;
    const current = [...this.jobs.values()].find((job) => job.name === name && job.state === 'running');
    if (current) return current;
    const job: WarmJob = {
      id: newId(),
      name,
      state: 'running',
      done: 0,
      failed: 0,
      total: null,
      startedAt: new Date().toISOString(),
      finishedAt: null,
      error: null,
    };
    this.remember(job);
    this.running.set(
      job.id,
      this.carryOut(job.id, warmer, options).finally(() => this.running.delete(job.id)),
    );
    return job;
  }

  /** Begins a warm-up and waits for its end. */
  async run(name: string, options?: WarmJobOptions): Promise<WarmJob | undefined> {
    const job = this.begin(name, options);
    return job && (await (this.running.get(job.id) ?? job));
  }

  job(id: string): WarmJob | undefined {
    return this.jobs.get(id);
  }

  /** The last jobs, newest first. */
  history(): WarmJob[] {
    return [...this.jobs.values()].reverse();
  }

  /** Ends what is running, at its next batch. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled(this.running.values());
  }

  private async carryOut(id: string, warmer: Warmer, options: WarmJobOptions): Promise<WarmJob> {
    try {
      const total = await warmer.total?.(options);
      if (total !== undefined) this.update(id, { total });
      const progress = await warmer.run(options, (now) => this.update(id, now), this.stopping.signal);
      return this.end(id, {
        ...progress,
        state: progress.failed > 0 && progress.failed === progress.done ? 'failed' : 'done',
      });
    } catch (error) {
      return this.end(id, { state: 'failed', error: error instanceof Error ? error.message : String(error) });
    }
  }

  private end(id: string, change: Partial<WarmJob>): WarmJob {
    return this.update(id, { finishedAt: new Date().toISOString(), ...change });
  }

  private update(id: string, change: Partial<WarmJob>): WarmJob {
    const job = this.jobs.get(id);
    if (!job) throw new Error(`there is no warm-up ${id}`);
    const changed = { ...job, ...change };
    this.jobs.set(id, changed);
    return changed;
  }

  private remember(job: WarmJob): void {
    this.jobs.set(job.id, job);
    for (const old of this.jobs.values()) {
      if (this.jobs.size <= HISTORY) return;
      if (old.state !== 'running') this.jobs.delete(old.id);
    }
  }
}
