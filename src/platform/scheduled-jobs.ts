/** What a run did, where its name does not say so: a sentence for people. */
export interface JobReport {
  readonly outcome: 'done' | 'skipped';
  readonly note: string;
}

/** Work that is done on a schedule, by one process of many. */
export interface ScheduledJob {
  readonly name: string;
  readonly summary: string;
  /** Cron expression: five fields, or six with seconds. UTC. */
  readonly cron: string;
  /**
   * @param stop aborted when another process may have begun the same job, or this one is being stopped: end early
   * @returns a report, or nothing when it simply did what its summary says
   */
  run(stop: AbortSignal): Promise<JobReport> | Promise<void>;
}

/** The scheduled jobs: features register theirs while they initialise, ops runs them. */
export class ScheduledJobs {
  private readonly jobs = new Map<string, ScheduledJob>();

  register(job: ScheduledJob): void {
    if (this.jobs.has(job.name)) throw new Error(`the job ${job.name} is registered twice`);
    this.jobs.set(job.name, job);
  }

  find(name: string): ScheduledJob | undefined {
    return this.jobs.get(name);
  }

  get all(): readonly ScheduledJob[] {
    return [...this.jobs.values()];
  }
}

/** Repeats a bounded deletion until nothing is left to delete. */
export async function untilNothingIsLeft(removeSome: () => Promise<number>): Promise<void> {
  while ((await removeSome()) > 0);
}
