/** How many keys were tried, those that failed included, and how many failed. */
export interface WarmProgress {
  readonly done: number;
  readonly failed: number;
}

/** How keys are warmed; aborted, it ends before the next batch. */
export interface WarmOptions {
  readonly signal?: AbortSignal;
  /** Also reloads what is cached. */
  readonly refresh?: boolean;
}

const BATCH = 100;

/** Warms keys batch by batch, one at a time. A batch that fails is counted, and the next one is tried. */
export async function inBatches(
  keys: readonly string[],
  warm: (batch: readonly string[]) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<WarmProgress> {
  let failed = 0;
  let done = 0;
  while (done < keys.length && !signal?.aborted) {
    const batch = keys.slice(done, done + BATCH);
    failed += await warm(batch).then(
      () => 0,
      () => batch.length,
    );
    done += batch.length;
  }
  return { done, failed };
}
