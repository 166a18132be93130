import { randomBytes } from 'node:crypto';
import { Cluster } from 'ioredis';
import type { z } from 'zod';
import { keyspace } from '../../platform/keyspace.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';
import { type CategoryName, type CategoryPolicy, lateMs } from '../cache-policy.js';
import type { CategoryControls } from '../controls/category-controls.js';
import { fillEntries, type Lease, takeLeases } from './cache.scripts.js';
import type { CacheEntry } from './cache-entry.js';
import { decodeEnvelope, encodeEnvelope } from './envelope.js';
import type { RedisGuard } from './redis-guard.js';

export type RedisRead<T> =
  | { readonly state: 'entry'; readonly entry: CacheEntry<T> }
  | { readonly state: 'miss' }
  /** Something lies there that is no entry of this category. */
  | { readonly state: 'unreadable' }
  | { readonly state: 'down' };

export type RedisLease = Lease | { readonly state: 'DOWN'; readonly token: '' };

/** A lease outlives the load it guards by this margin, so that its fill still finds it. */
const LEASE_MARGIN_MS = 2_000;

/** The entries of one category in the application layer. */
export class RedisTier<T> {
  /** Bytes given to redis to keep, since the start. */
  writtenBytes = 0;

  constructor(
    private readonly guard: RedisGuard,
    private readonly category: CategoryName,
    private readonly policy: CategoryPolicy,
    private readonly codec: z.ZodType<T>,
    private readonly controls: CategoryControls,
  ) {}

  /** Reads entries, in the order of the keys. */
  async read(keys: readonly string[]): Promise<RedisRead<T>[]> {
    const outcome = await this.guard.run((client) =>
      getBuffers(
        client,
        keys.map((key) => keyspace.application.entry(this.category, key)),
      ),
    );
    if (!outcome.ok) return keys.map(() => ({ state: 'down' }));
    return outcome.value.map((bytes) => this.decode(bytes));
  }

  /** Takes a lease for each key; `refresh` takes it although there is an entry. */
  async lease(keys: readonly string[], refresh: boolean): Promise<RedisLease[]> {
    const options = {
      leaseMs: this.policy.loadDeadlineMs + LEASE_MARGIN_MS,
      token: randomBytes(12).toString('base64url'),
      refresh,
    };
    const outcome = await this.guard.run((client) =>
      bySlot(client, keys, (some) => takeLeases(client, this.category, some, options)),
    );
    return outcome.ok ? outcome.value : keys.map(() => ({ state: 'DOWN', token: '' }));
  }

  /** Stores entries under their leases. @returns for each whether it was stored. */
  async fill(fills: readonly { key: string; token: string; entry: CacheEntry<T> }[]): Promise<boolean[]> {
    const encoded = fills.map(({ key, token, entry }) => ({
      key,
      token,
      bytes: encodeEnvelope(entry),
      ttlMs: entry.document ? entry.freshMs + lateMs(this.policy) + this.controls.serveStaleMs : entry.freshMs,
    }));
    const outcome = await this.guard.run((client) =>
      bySlot(client, encoded, (some) => fillEntries(client, this.category, some)),
    );
    if (!outcome.ok) return fills.map(() => false);
    encoded.forEach(({ bytes }, i) => {
      if (outcome.value[i]) this.writtenBytes += bytes.length;
    });
    return outcome.value;
  }

  /** In how long each entry is forgotten (ms), negative when it is not there or redis is out. */
  async expiriesMs(keys: readonly string[]): Promise<number[]> {
    const outcome = await this.guard.run((client) =>
      Promise.all(keys.map((key) => client.pttl(keyspace.application.entry(this.category, key)))),
    );
    return outcome.ok ? outcome.value : keys.map(() => -1);
  }

  private decode(bytes: Buffer | null | undefined): RedisRead<T> {
    if (!bytes) return { state: 'miss' };
    const entry = decodeEnvelope(bytes, this.codec, this.policy.memory.keepsValue);
    return entry ? { state: 'entry', entry } : { state: 'unreadable' };
  }
}

/** MGET answers null for what is no string, where GET would fail. */
async function getBuffers(client: RedisClient, names: readonly string[]): Promise<(Buffer | null | undefined)[]> {
  if (!(client instanceof Cluster)) return client.mgetBuffer(...names);
  const replies = await Promise.all(names.map((name) => client.mgetBuffer(name)));
  return replies.map(([bytes]) => bytes);
}

/** One call for all on a single server; on a cluster one for each item, since a script may touch one slot only. */
export async function bySlot<I, R>(
  client: RedisClient,
  items: readonly I[],
  call: (some: readonly I[]) => Promise<R[]>,
): Promise<R[]> {
  if (!(client instanceof Cluster) || items.length === 1) return call(items);
  return (await Promise.all(items.map((item) => call([item])))).flat();
}
