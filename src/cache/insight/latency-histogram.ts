// Times in buckets that grow by the fourth root of two, from 16 ns to 134 s: one array, one addition for each time, and
// percentiles that are at most 19 % too large. (The idea of logarithmic buckets is HdrHistogram's.)

const BUCKETS_PER_DOUBLING = 4;
const LOWEST_EXPONENT = -6; // 2^-6 µs
const HIGHEST_EXPONENT = 27; // 2^27 µs
const LAST_BUCKET = (HIGHEST_EXPONENT - LOWEST_EXPONENT) * BUCKETS_PER_DOUBLING;

export class LatencyHistogram {
  count = 0;
  sumMs = 0;
  private readonly buckets = new Float64Array(LAST_BUCKET + 1);

  /** @param weight how many times like this one it stands for, when only some are measured */
  record(ms: number, weight = 1): void {
    this.count += weight;
    this.sumMs += ms * weight;
    const bucket = bucketOf(ms);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + weight;
  }

  /** Zero as long as nothing was measured. */
  get meanMs(): number {
    return this.count === 0 ? 0 : this.sumMs / this.count;
  }

  /** The time that a share (0 to 1) of all did not exceed; null as long as nothing was measured. */
  percentileMs(share: number): number | null {
    if (this.count === 0) return null;
    let below = 0;
    for (let bucket = 0; bucket < LAST_BUCKET; bucket++) {
      below += this.buckets[bucket] ?? 0;
      if (below >= share * this.count) return boundMs(bucket);
    }
    return boundMs(LAST_BUCKET);
  }

  /** How many took no longer than that, to the precision of the buckets. */
  countUpTo(ms: number): number {
    let below = 0;
    for (let bucket = 0; bucket <= bucketOf(ms); bucket++) below += this.buckets[bucket] ?? 0;
    return below;
  }
}

function bucketOf(ms: number): number {
  const bucket = Math.ceil((Math.log2(ms * 1_000) - LOWEST_EXPONENT) * BUCKETS_PER_DOUBLING);
  return Math.max(0, Math.min(bucket, LAST_BUCKET));
}

/** The upper end of a bucket. */
function boundMs(bucket: number): number {
  return 2 ** (bucket / BUCKETS_PER_DOUBLING + LOWEST_EXPONENT) / 1_000;
}
