import { AuditCounters } from '../audit/audit-counters.js';
import { RecentKeys } from '../audit/recent-keys.js';
import { HitSampler } from './hit-sampler.js';
import { HotKeys } from './hot-keys.js';
import { LatencyHistogram } from './latency-histogram.js';

/**
 * Why a read went on past a tier: nothing there (`absent`), past its time (`expired`), invalidated (`void`), not readable by
 * this version of the code (`unreadable`), invalidations may have been missed (`untrusted`), no answer (`down`), or nobody
 * looked (`bypassed`: a refresh, or switched off by an operator).
 */
export class MissReasons {
  absent = 0;
  expired = 0;
  void = 0;
  unreadable = 0;
  untrusted = 0;
  down = 0;
  bypassed = 0;
}

const RECENT_KEYS = 256;

/** What is observed of one category in this process, besides its counters. */
export class CategoryInsight {
  readonly sampler = new HitSampler();
  readonly hotKeys = new HotKeys();
  /** How long the steps in a tier took; in memory only the sampled ones are timed. */
  readonly latency = {
    memory: new LatencyHistogram(),
    redis: new LatencyHistogram(),
    origin: new LatencyHistogram(),
  };
  /** How long the values that this process has read took to load, whoever loaded them. */
  readonly loadCost = new LatencyHistogram();
  /** Keys that were made void lately, for the auditor. */
  readonly invalidated = new RecentKeys(RECENT_KEYS);
  readonly audit = new AuditCounters();
  readonly missed = { memory: new MissReasons(), redis: new MissReasons() };

  /** Times one look into memory, and counts its key when it was a hit. */
  sample<A extends { readonly found: boolean } | undefined>(key: string, look: () => A): A {
    const { weight } = this.sampler;
    const startedAtMs = performance.now();
    const answer = look();
    const endedAtMs = performance.now();
    if (answer) this.latency.memory.record(endedAtMs - startedAtMs, weight);
    if (answer?.found) this.hotKeys.count(key, weight, endedAtMs);
    this.sampler.next(endedAtMs);
    return answer;
  }
}
