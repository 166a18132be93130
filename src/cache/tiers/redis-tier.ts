import { randomBytes } from 'node:crypto';
import { keyspace } from '../../platform/keyspace.js';
import { bySlot } from '../../platform/redis/by-slot.js';
import { type CategoryName, type CategoryPolicy, cacheLimits } from '../cache-policy.js';
import type { CategoryControls } from '../controls/category-controls.js';
import { keptLateMs } from '../freshness.js';
import type { CacheEntry } from './cache-entry.js';
import { fillEntries, keepLeases, type Lease, type LeasePurpose, renewEntries, takeLeases } from './entry.scripts.js';
import type { EntryForm } from './entry-form.js';
import { decodeEnvelope, encodeEnvelope, encodeRenewal } from './envelope.js';
import type { LeasedEntry } from './leased-entry.js';
import type { RedisGuard } from './redis-guard.js';
import type { RawRead, RedisReads } from './redis-reads.js';

export type RedisRead<T> =
  | { readonly state: 'entry'; readonly entry: CacheEntry<T> }
  | { readonly state: 'miss' }
  /** There is something that is not an entry of this category. */
  | { readonly state: 'unreadable' }
  | { readonly state: 'down' };

export type RedisLease<T> =
  | { readonly state: 'HIT'; readonly read: RedisRead<T> }
  | Exclude<Lease, { readonly state: 'HIT' }>
  | { readonly state: 'DOWN' };

const MISS = { state: 'miss' } as const;
const DOWN = { state: 'down' } as const;
const UNREADABLE = { state: 'unreadable' } as const;

const PROCESS_TOKEN = randomBytes(12).toString('base64url');
let tokens = 0;

/** A unique token: random for the process, counted within it. Drawing each at random takes longer than all the rest. */
const nextToken = (): string => `${PROCESS_TOKEN}.${(++tokens).toString(36)}`;

/** The entries of one category in the application layer. */
export class RedisTier<T> {
  /** Bytes given to redis to keep, since the start. */
  writtenBytes = 0;

  constructor(
    private readonly guard: RedisGuard,
    private readonly reads: RedisReads,
    private readonly category: CategoryName,
    private readonly policy: CategoryPolicy & { readonly form: EntryForm<T> },
    private readonly controls: CategoryControls,
  ) {}

  /** Reads one entry, together with the other reads of this moment. */
  readOne(key: string, done: (read: RedisRead<T>, tookMs: number) => void): void {
    this.reads.read(keyspace.application.entry(this.category, key), (bytes, tookMs) =>
      done(this.decode(bytes), tookMs),
    );
  }

  /** Reads entries, in the order of the keys. */
  async read(keys: readonly string[]): Promise<RedisRead<T>[]> {
    const names = keys.map((key) => keyspace.application.entry(this.category, key));
    return (await this.reads.readMany(names)).map((bytes) => this.decode(bytes));
  }

  /** The token of the load of a key that is under way: null when there is none, undefined when redis is out. */
  async token(key: string): Promise<string | null | undefined> {
    const [bytes] = await this.reads.readMany([keyspace.application.fence(this.category, key)]);
    return bytes?.toString() ?? (bytes === null ? null : undefined);
  }

  /** Takes a lease for each key that may be loaded for this purpose. */
  async lease(keys: readonly string[], purpose: LeasePurpose): Promise<RedisLease<T>[]> {
    const options = { leaseMs: cacheLimits.leaseMs, token: nextToken(), purpose };
    const outcome = await this.guard.run((client) =>
      bySlot(client, keys, (some) => takeLeases(client, this.category, some, options)),
    );
    if (!outcome.ok) return keys.map(() => ({ state: 'DOWN' }));
    return outcome.value.map((lease) =>
      lease.state === 'HIT' ? { state: 'HIT', read: this.decode(lease.bytes) } : lease,
    );
  }

  /** Lets leases last for `leaseMs` from now; 0 gives them back. Those that are gone stay gone. */
  async keep(leases: readonly { readonly key: string; readonly token: string }[], leaseMs: number): Promise<void> {
    await this.guard.run((client) =>
      bySlot(client, leases, async (some) => [await keepLeases(client, this.category, some, leaseMs)]),
    );
  }

  /** Stores entries under their leases; they are encoded before it first waits. @returns how many were refused. */
  async fill(fills: readonly LeasedEntry<T>[]): Promise<number> {
    const unchanged = fills.filter((fill) => fill.unchanged);
    if (unchanged.length === 0) return this.store(fills);
    const [renewed, refused] = await Promise.all([
      this.renew(unchanged),
      this.store(fills.filter((fill) => !fill.unchanged)),
    ]);
    return refused + (await this.store(unchanged.filter((fill) => !renewed.has(fill))));
  }

  /** How long until redis expires each entry (ms), negative when it is not there or redis is out. */
  async expiriesMs(keys: readonly string[]): Promise<number[]> {
    const outcome = await this.guard.run((client) =>
      Promise.all(keys.map((key) => client.pttl(keyspace.application.entry(this.category, key)))),
    );
    return outcome.ok ? outcome.value : keys.map(() => -1);
  }

  private async store(entries: readonly LeasedEntry<T>[]): Promise<number> {
    if (entries.length === 0) return 0;
    const fills = entries.map(({ key, token, entry }) => ({
      key,
      token,
      ttlMs: this.ttlMs(entry),
      envelope: encodeEnvelope(entry, this.policy.form),
    }));
    const outcome = await this.guard.run((client) =>
      bySlot(client, fills, (some) => fillEntries(client, this.category, some)),
    );
    if (!outcome.ok) return fills.length;
    let refused = 0;
    outcome.value.forEach((isStored, i) => {
      if (isStored) this.writtenBytes += fills[i]?.envelope.bytes ?? 0;
      else refused++;
    });
    return refused;
  }

  /** @returns those whose body redis already has: the others are stored whole. */
  private async renew(fills: readonly LeasedEntry<T>[]): Promise<Set<LeasedEntry<T>>> {
    const renewals = fills.map(({ key, token, entry }) => ({
      key,
      token,
      ttlMs: this.ttlMs(entry),
      ...encodeRenewal(entry, this.policy.form),
    }));
    const outcome = await this.guard.run((client) =>
      bySlot(client, renewals, (some) => renewEntries(client, this.category, some)),
    );
    return new Set(outcome.ok ? fills.filter((_, i) => outcome.value[i]) : []);
  }

  private ttlMs({ document, freshMs }: CacheEntry<T>): number {
    return document ? freshMs + keptLateMs(this.policy, this.controls) : freshMs;
  }

  private decode(bytes: RawRead): RedisRead<T> {
    if (bytes === undefined) return DOWN;
    if (bytes === null) return MISS;
    try {
      const entry = decodeEnvelope(bytes, this.policy.form);
      return entry ? { state: 'entry', entry } : UNREADABLE;
    } catch {
      return UNREADABLE;
    }
  }
}
