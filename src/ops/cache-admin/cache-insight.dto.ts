import { z } from 'zod';
import { categoryName } from './cache-admin.dto.js';

const counted = z.number().min(0);
const latency = z
  .object({ p50: counted.nullable(), p95: counted.nullable(), p99: counted.nullable(), mean: counted })
  .describe('Milliseconds; percentiles are at most 19 % too large, and null before anything was measured.');
const reasons = z
  .object({
    absent: counted,
    expired: counted,
    void: counted.describe('Invalidated.'),
    unreadable: counted,
    untrusted: counted.describe('Invalidations may have been missed.'),
    down: counted,
    bypassed: counted.describe('Nobody looked: a refresh, or switched off.'),
  })
  .describe('Why reads went on past the tier.')
  .meta({ id: 'CacheMissReasons' });
const tier = z.object({
  hit: counted,
  stale: counted,
  negative: counted.describe('Known not to exist.'),
  miss: counted,
  error: counted,
  hitRatio: z.number().min(0).max(1).nullable(),
  latencyMs: latency,
});

const categoryStats = z
  .object({
    memory: tier.extend({ missed: reasons, entries: counted, bytes: counted, evictions: counted }),
    redis: tier.extend({ missed: reasons, writtenBytes: counted }),
    origin: tier,
    loadCostMs: latency,
    loadsInFlight: counted,
    coalesced: counted,
    refusedFills: counted,
    audit: z
      .object({
        agreed: counted,
        differed: counted,
        raced: counted.describe('Differences that a write under way explains.'),
        consistency: z.number().min(0).max(1).nullable(),
        lastDifferenceAt: z.iso.datetime().nullable(),
      })
      .describe('Cached copies compared with the origin, by a sample each minute.'),
    effectiveness: z
      .object({ savedMs: counted, savedMsPerKiB: counted.nullable() })
      .describe('Hits × saved latency: what loading each value by itself would have taken more; per KiB of memory.'),
  })
  .meta({ id: 'CacheCategoryStats' });

export const statsAnswer = z
  .object({
    process: z.object({ pid: z.int(), upS: counted }).describe('Counts are of the process that answers.'),
    current: z.boolean().describe('Every invalidation is known to have been applied.'),
    redisBreaker: z.enum(['closed', 'open', 'half-open', 'isolated']),
    gaps: counted,
    pendingInvalidations: counted,
    redisFailures: z.object({ down: counted, refused: counted }),
    categories: z.record(z.string(), categoryStats),
  })
  .meta({ id: 'CacheStats' });

export const hotKeysQuery = z.strictObject({
  category: categoryName.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many keys of each category, 1 to 100.'),
});

const share = z.number().min(0).max(1);
export const hotKeysAnswer = z.object({
  halfLifeS: z.int().describe('After so long an access counts half.'),
  items: z.array(
    z
      .object({
        category: z.string(),
        accesses: counted.describe('Hits in memory of the process that answers, faded.'),
        shareOfTop: z
          .object({ percent1: share, percent5: share, percent10: share })
          .describe('Share of the accesses that went to the most wanted keys: at least so much.'),
        keys: z.array(
          z.object({
            key: z.string(),
            count: counted,
            error: counted.describe('By how much `count` may be too high.'),
          }),
        ),
      })
      .meta({ id: 'HotKeys' }),
  ),
});
