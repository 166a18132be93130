// Typed wrappers of the Lua scripts that change entries in redis and their leases.
import { z } from 'zod';
import { keyspace } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { defineLua } from '../../platform/redis/lua-script.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';
import type { Envelope } from './envelope.js';

const leaseScript = defineLua({
  name: 'cache-lease',
  keys: ['entry', 'fence', '...'],
  args: ['leaseMs', 'token', 'purpose'],
  returns: ['OK'],
  isBinary: true,
  reply: z
    .tuple([z.instanceof(Buffer), z.instanceof(Buffer)], z.instanceof(Buffer))
    .transform(([, letters, ...given]) => ({ letters: letters.toString('latin1'), given })),
});

const fillScript = defineLua({
  name: 'cache-fill',
  keys: ['entry', 'fence', '...'],
  args: ['leases', 'entries'],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK'), z.string().regex(/^[01]*$/)]).transform(([, digits]) => digits),
});

const renewScript = defineLua({
  name: 'cache-renew',
  keys: ['entry', 'fence', '...'],
  args: ['token', 'ttlMs', 'identity', 'head', '...'],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK')], z.number()).transform(([, ...renewed]) => renewed.map((one) => one === 1)),
});

const keepLeaseScript = defineLua({
  name: 'cache-keep-lease',
  keys: ['entry', 'fence', '...'],
  args: ['leaseMs', 'token', '...'],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK'), z.number()]).transform(([, kept]) => kept),
});

const invalidateScript = defineLua({
  name: 'cache-invalidate',
  keys: ['entry', 'fence', '...'],
  args: [],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK'), z.number()]).transform(([, dropped]) => dropped),
});

/** The entry and the fence of each key, as the scripts take them. */
function namesOf(category: string, keys: readonly string[]): string[] {
  const names: string[] = [];
  for (const key of keys)
    names.push(keyspace.application.entry(category, key), keyspace.application.fence(category, key));
  return names;
}

const keysOf = (items: readonly { readonly key: string }[]): string[] => items.map(({ key }) => key);

/** The outcome of asking for a lease on a key. */
export type Lease =
  /** The entry is there. */
  | { readonly state: 'HIT'; readonly bytes: Buffer }
  /** `LEASED`: the caller loads it. `SHARED`: somebody else does. */
  | { readonly state: 'LEASED' | 'SHARED'; readonly token: string };

/**
 * What a lease is for: `fill` loads a missing entry, `renew` also one that is there, `force` also one that somebody else is
 * loading, who then may not store it any more.
 */
export type LeasePurpose = 'fill' | 'renew' | 'force';

/** Asks for one lease for each key. */
export async function takeLeases(
  client: RedisClient,
  category: string,
  keys: readonly string[],
  options: { readonly leaseMs: number; readonly token: string; readonly purpose: LeasePurpose },
): Promise<Lease[]> {
  const args = [options.leaseMs, options.token, options.purpose];
  const { letters, given } = await runLua(client, leaseScript, namesOf(category, keys), args);
  const leased: Lease = { state: 'LEASED', token: options.token };
  let next = 0;
  return keys.map((_, i): Lease => {
    if (letters[i] === 'L') return leased;
    const bytes = given[next++] ?? Buffer.alloc(0);
    return letters[i] === 'H' ? { state: 'HIT', bytes } : { state: 'SHARED', token: bytes.toString('latin1') };
  });
}

export interface Fill {
  readonly key: string;
  readonly token: string;
  readonly ttlMs: number;
  readonly envelope: Envelope;
}

/** Stores entries under their leases. @returns for each key whether its lease still stood */
export async function fillEntries(client: RedisClient, category: string, fills: readonly Fill[]): Promise<boolean[]> {
  const leases = fills.map(({ token, ttlMs, envelope }) => `${token} ${wholeTtlMs(ttlMs)} ${envelope.bytes}`).join(' ');
  const entries = joined(fills.map(({ envelope }) => envelope.content));
  const digits = await runLua(client, fillScript, namesOf(category, keysOf(fills)), [leases, entries]);
  return fills.map((_, i) => digits[i] === '1');
}

/** Text stays text as long as it can: it becomes bytes once, with the rest of the command. */
function joined(contents: readonly (string | Buffer)[]): string | Buffer {
  if (contents.every((content) => typeof content === 'string')) return contents.join('');
  return Buffer.concat(contents.map((content) => (typeof content === 'string' ? Buffer.from(content) : content)));
}

export interface Renewal {
  readonly key: string;
  readonly token: string;
  readonly ttlMs: number;
  /** See `encodeRenewal`. */
  readonly identity: string;
  readonly head: string;
}

/** Redis keeps nothing for less than a millisecond. */
const wholeTtlMs = (ttlMs: number): number => Math.max(1, Math.round(ttlMs));

/** @returns for each renewal whether the entry was renewed. */
export function renewEntries(client: RedisClient, category: string, renewals: readonly Renewal[]): Promise<boolean[]> {
  return runLua(
    client,
    renewScript,
    namesOf(category, keysOf(renewals)),
    renewals.flatMap(({ token, ttlMs, identity, head }) => [token, wholeTtlMs(ttlMs), identity, head]),
  );
}

/** Lets leases last for `leaseMs` from now, or gives them back with 0. @returns how many still stood. */
export function keepLeases(
  client: RedisClient,
  category: string,
  leases: readonly { readonly key: string; readonly token: string }[],
  leaseMs: number,
): Promise<number> {
  return runLua(client, keepLeaseScript, namesOf(category, keysOf(leases)), [
    leaseMs,
    ...leases.map(({ token }) => token),
  ]);
}

/** Drops entries with their leases. @returns how many entries were there. */
export function dropEntries(client: RedisClient, category: string, keys: readonly string[]): Promise<number> {
  return runLua(client, invalidateScript, namesOf(category, keys), []);
}
