// What an audit compares: the copies that would be served now, by tier.
import type { AnyCategory } from '../any-category.js';
import { staleUntilMs } from '../freshness.js';
import type { CacheEntry } from '../tiers/cache-entry.js';

/** A copy of an entry in one tier; its fields tell it apart from a later copy of the same key. */
export interface AuditedCopy {
  readonly category: AnyCategory;
  readonly key: string;
  readonly tier: 'memory' | 'redis';
  readonly storedAtMs: number;
  readonly stamp: number;
  /** Undefined: the copy says "not found". */
  readonly etag: string | undefined;
}

/** The copies of these keys that would be served: neither void nor past their time. */
export async function copiesOf(
  category: AnyCategory,
  keys: readonly string[],
  nowMs: number,
): Promise<readonly AuditedCopy[]> {
  const copies: AuditedCopy[] = [];
  const take = (key: string, tier: AuditedCopy['tier'], entry: CacheEntry<unknown> | undefined) => {
    if (
      !entry ||
      category.copies.isVoid(key, entry) ||
      nowMs >= staleUntilMs(entry, category.policy, category.controls)
    )
      return;
    const { storedAtMs, stamp, document } = entry;
    copies.push({ category, key, tier, storedAtMs, stamp, etag: document?.etag });
  };
  for (const key of keys) take(key, 'memory', category.copies.look(key));
  const reads = await Promise.all(keys.map((key) => category.copies.readRedis(key)));
  reads.forEach((read, i) => {
    take(keys[i] ?? '', 'redis', read.state === 'entry' ? read.entry : undefined);
  });
  return copies;
}

/** Whether the very same copy is still there to be served. */
export async function isStillServed(copy: AuditedCopy, nowMs: number): Promise<boolean> {
  const now = await copiesOf(copy.category, [copy.key], nowMs);
  return now.some(
    ({ tier, storedAtMs, stamp, etag }) =>
      tier === copy.tier && storedAtMs === copy.storedAtMs && stamp === copy.stamp && etag === copy.etag,
  );
}
