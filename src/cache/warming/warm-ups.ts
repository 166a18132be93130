// Warm-ups are rows in PostgreSQL: their plan is made once, one process at a time carries them out under a lock, and each
// batch moves their position under that lock's fence. A process that dies leaves a row without news; another one resumes it.
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { orWarn } from '../../platform/logging.js';
import { Repeating } from '../../platform/repeating.js';
import type { CategoryName } from '../cache-policy.js';
import type { WarmSource } from './warm-plan.js';
import type { Warmer, WarmPlanner, WarmRequest } from './warm-planner.js';
import type { WarmRunner } from './warm-runner.js';
import type { WarmUpRow, WarmUpsRepository } from './warm-ups.repository.js';

/** A warm-up as it stands. Times are ISO 8601. */
export interface WarmJob {
  readonly id: string;
  readonly name: string;
  readonly source: WarmSource;
  readonly state: 'running' | 'done' | 'failed';
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
}

export interface WarmUpsOptions {
  /** Resumes warm-ups whose process died. */
  readonly resumes: boolean;
  /** How long the lock outlives its holder, and how long a warm-up may be silent before it is taken over. */
  readonly leaseMs: number;
}

const HISTORY = 50;

/** Loads what will be wanted in advance: features register what that is, schedules and administrators begin it. */
export class WarmUps implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly resuming: Repeating;

  constructor(
    private readonly repository: WarmUpsRepository,
    private readonly planner: WarmPlanner,
    private readonly runner: WarmRunner,
    private readonly logger: Logger,
    private readonly options: WarmUpsOptions,
  ) {
    const failure = 'warm-ups without news cannot be taken up';
    this.resuming = new Repeating(options.leaseMs, () => this.resume(), failure, logger);
  }

  /** Declares what the source `list` of a category is. */
  register(name: CategoryName, warmer: Warmer): void {
    this.planner.register(name, warmer);
  }

  onApplicationBootstrap(): void {
    if (this.options.resumes) this.resuming.start();
  }

  /** Warm-ups of this process stop at their next batch and are left to another process. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.resuming.stop();
    await Promise.allSettled(this.running.values());
  }

  /**
   * Begins a warm-up, or returns the running one of this category and source, whichever process has it.
   * @returns undefined when there is no such category.
   */
  async begin(name: CategoryName, request: WarmRequest = {}): Promise<WarmJob | undefined> {
    const source = this.planner.sourceOf(name, request);
    if (!source) return undefined;
    const row =
      (await this.repository.running(name, source)) ??
      (await this.repository.begin(name, source, await this.planner.plan(name, source, request)));
    this.lead(row);
    return toJob(row);
  }

  /** Like `begin`, and waits for the warm-up if it runs in this process. */
  async run(name: CategoryName, request?: WarmRequest): Promise<WarmJob | undefined> {
    const begun = await this.begin(name, request);
    if (!begun) return undefined;
    await this.running.get(begun.id);
    return this.job(begun.id);
  }

  async job(id: string): Promise<WarmJob | undefined> {
    const row = await this.repository.find(id);
    return row && toJob(row);
  }

  /** The last jobs, newest first. */
  async history(): Promise<WarmJob[]> {
    return (await this.repository.last(HISTORY)).map(toJob);
  }

  /** Resumes warm-ups without news. */
  async resume(): Promise<void> {
    for (const row of await this.repository.abandoned(this.options.leaseMs)) this.lead(row);
  }

  /** Works on it, unless this process does already or another one leads. */
  private lead(row: WarmUpRow): void {
    const { id, category, source } = row;
    if (this.running.has(id) || this.stopping.signal.aborted) return;
    const leading = this.runner.run(row, this.options.leaseMs, this.stopping.signal);
    const about = { id, category, source };
    const noted = orWarn(this.logger, leading, 'a warm-up was left as it is, and is taken up later', about);
    this.running.set(
      id,
      noted.finally(() => this.running.delete(id)),
    );
  }
}

function toJob({ id, category, source, state, done, failed, total, startedAt, finishedAt, error }: WarmUpRow): WarmJob {
  return {
    id,
    name: category,
    source,
    state,
    done,
    failed,
    total,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    error,
  };
}
