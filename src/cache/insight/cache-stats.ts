import type { AnyCategory } from '../any-category.js';
import type { AuditCounters } from '../audit/audit-counters.js';
import type { TierCounters } from '../cache-counters.js';
import type { MissReasons } from './category-insight.js';
import type { LatencyHistogram } from './latency-histogram.js';

/** Milliseconds; null as long as nothing was measured. */
export interface LatencyStats {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly mean: number;
}

export interface TierStats extends Readonly<TierCounters> {
  /** Answers (hits, "nothing there", stale ones) per question; null before the first one. */
  readonly hitRatio: number | null;
  readonly latencyMs: LatencyStats;
}

/** What one category did in this process since its start. */
export interface CategoryStats {
  readonly memory: TierStats & {
    readonly missed: MissReasons;
    readonly entries: number;
    readonly bytes: number;
    readonly evictions: number;
  };
  readonly redis: TierStats & { readonly missed: MissReasons; readonly writtenBytes: number };
  readonly origin: TierStats;
  readonly loadCostMs: LatencyStats;
  readonly loadsInFlight: number;
  readonly coalesced: number;
  readonly refusedFills: number;
  /** What audits have found: copies compared with the origin. */
  readonly audit: {
    readonly agreed: number;
    readonly differed: number;
    readonly raced: number;
    readonly consistency: number | null;
    /** ISO 8601. */
    readonly lastDifferenceAt: string | null;
  };
  /**
   * What the cached answers saved compared with loading each value: hits × (mean load cost − mean time of the tier). A
   * category that saves little for its bytes is not worth them.
   */
  readonly effectiveness: { readonly savedMs: number; readonly savedMsPerKiB: number | null };
}

export function statsOf(category: AnyCategory): CategoryStats {
  const { counters, insight, copies } = category;
  const { entries, bytes, evictions } = copies.memoryUse;
  const savedMs = savedMsOf(category);
  return {
    memory: {
      ...tierStats(counters.memory, insight.latency.memory),
      missed: { ...insight.missed.memory },
      entries,
      bytes,
      evictions,
    },
    redis: {
      ...tierStats(counters.redis, insight.latency.redis),
      missed: { ...insight.missed.redis },
      writtenBytes: copies.writtenRedisBytes,
    },
    origin: tierStats(counters.origin, insight.latency.origin),
    loadCostMs: latencyStats(insight.loadCost),
    loadsInFlight: category.loadsInFlight,
    coalesced: counters.coalesced,
    refusedFills: counters.refusedFills,
    audit: auditStats(insight.audit),
    effectiveness: { savedMs, savedMsPerKiB: bytes === 0 ? null : savedMs / (bytes / 1_024) },
  };
}

/** See `effectiveness`. */
export function savedMsOf({ counters, insight: { latency, loadCost } }: AnyCategory): number {
  return saved(counters.memory, latency.memory, loadCost) + saved(counters.redis, latency.redis, loadCost);
}

function auditStats({ agreed, differed, raced, consistency, lastDifferenceAtMs }: AuditCounters) {
  const lastDifferenceAt = lastDifferenceAtMs === undefined ? null : new Date(lastDifferenceAtMs).toISOString();
  return { agreed, differed, raced, consistency, lastDifferenceAt };
}

const answersOf = ({ hit, stale, negative }: TierCounters) => hit + stale + negative;

function saved(counters: TierCounters, latency: LatencyHistogram, loadCost: LatencyHistogram): number {
  return answersOf(counters) * Math.max(0, loadCost.meanMs - latency.meanMs);
}

function tierStats(counters: TierCounters, latency: LatencyHistogram): TierStats {
  const answers = answersOf(counters);
  const questions = answers + counters.miss + counters.error;
  return {
    ...counters,
    hitRatio: questions === 0 ? null : answers / questions,
    latencyMs: latencyStats(latency),
  };
}

function latencyStats(histogram: LatencyHistogram): LatencyStats {
  return {
    p50: histogram.percentileMs(0.5),
    p95: histogram.percentileMs(0.95),
    p99: histogram.percentileMs(0.99),
    mean: histogram.meanMs,
  };
}
