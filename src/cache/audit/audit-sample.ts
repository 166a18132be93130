import { keyspace } from '../../platform/keyspace.js';
import type { AnyCategory } from '../any-category.js';
import type { RedisGuard } from '../tiers/redis-guard.js';

/** Most keys of a category that an audit draws from each place. */
const RECENTLY_INVALIDATED = 4;
const FROM_MEMORY = 4;
/** Keys drawn from redis, of all categories together. */
const FROM_REDIS = 12;

/** Draws keys to audit: recently invalidated ones, since that is where mistakes show, and random ones of both tiers. */
export async function drawKeys(
  categories: readonly AnyCategory[],
  guard: RedisGuard,
): Promise<ReadonlyMap<AnyCategory, readonly string[]>> {
  const inRedis = await randomEntries(guard);
  return new Map(
    categories.map((category) => {
      const keys = [
        ...category.insight.invalidated.last(RECENTLY_INVALIDATED),
        ...category.copies.drawMemoryKeys(FROM_MEMORY),
        ...inRedis.filter((entry) => entry.category === category.name).map(({ key }) => key),
      ];
      return [category, [...new Set(keys)]];
    }),
  );
}

async function randomEntries(guard: RedisGuard) {
  const names = await guard.run((client) => Promise.all(Array.from({ length: FROM_REDIS }, () => client.randomkey())));
  if (!names.ok) return [];
  return names.value.flatMap((name) => (name === null ? [] : (keyspace.application.parseEntry(name) ?? [])));
}
