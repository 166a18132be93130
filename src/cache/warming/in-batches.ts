export interface WarmProgress {
  readonly done: number;
  readonly failed: number;
}

export interface WarmOptions {
  readonly onProgress?: (progress: WarmProgress) => void;
  readonly signal?: AbortSignal;
}

const BATCH = 100;

/** Warms keys batch by batch, one at a time. A batch that fails is counted, and the next one is tried. */
export async function inBatches(
  keys: Iterable<string> | AsyncIterable<string>,
  warm: (batch: readonly string[]) => Promise<unknown>,
  options: WarmOptions,
): Promise<WarmProgress> {
  let progress: WarmProgress = { done: 0, failed: 0 };
  const warmBatch = async (batch: readonly string[]) => {
    const failed = await warm(batch).then(
      () => 0,
      () => batch.length,
    );
    progress = { done: progress.done + batch.length, failed: progress.failed + failed };
    options.onProgress?.(progress);
  };
  let batch: string[] = [];
  for await (const key of keys) {
    if (options.signal?.aborted) return progress;
    if (batch.push(key) < BATCH) continue;
    await warmBatch(batch);
    batch = [];
  }
  if (batch.length > 0) await warmBatch(batch);
  return progress;
}
