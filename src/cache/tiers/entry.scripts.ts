// Typed wrappers of the Lua scripts that change entries in redis and their leases.
import { z } from 'zod';
import { keyspace } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { defineLua } from '../../platform/redis/lua-script.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';

const leaseState = z.enum(['HIT', 'LEASED', 'SHARED']);
type LeaseState = z.infer<typeof leaseState>;

const leaseScript = defineLua({
  name: 'cache-lease',
  keys: ['entry', 'fence', '...'],
  args: ['leaseMs', 'token', 'refresh'],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK')], z.string()).transform(([, ...words]) => words),
});

const fillScript = defineLua({
  name: 'cache-fill',
  keys: ['entry', 'fence', '...'],
  args: ['token', 'ttlMs', 'bytes', '...'],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK')], z.number()).transform(([, ...stored]) => stored.map((one) => one === 1)),
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

const pair = (category: string) => (key: string) => [
  keyspace.application.entry(category, key),
  keyspace.application.fence(category, key),
];

export interface Lease {
  readonly state: LeaseState;
  readonly token: string;
}

/** Asks for one lease for each key. */
export async function takeLeases(
  client: RedisClient,
  category: string,
  keys: readonly string[],
  options: { readonly leaseMs: number; readonly token: string; readonly refresh: boolean },
): Promise<Lease[]> {
  const words = await runLua(client, leaseScript, keys.flatMap(pair(category)), [
    options.leaseMs,
    options.token,
    options.refresh ? 1 : 0,
  ]);
  return keys.map((_, i) => ({ state: leaseState.parse(words[2 * i]), token: words[2 * i + 1] ?? '' }));
}

export interface Fill {
  readonly key: string;
  readonly token: string;
  readonly ttlMs: number;
  readonly bytes: Buffer;
}

/** @returns for each fill whether its lease still stood. */
export function fillEntries(client: RedisClient, category: string, fills: readonly Fill[]): Promise<boolean[]> {
  const keys = fills.flatMap(({ key }) => pair(category)(key));
  return runLua(
    client,
    fillScript,
    keys,
    fills.flatMap(({ token, ttlMs, bytes }) => [token, Math.max(1, Math.round(ttlMs)), bytes]),
  );
}

export interface Renewal {
  readonly key: string;
  readonly token: string;
  readonly ttlMs: number;
  /** See `encodeRenewal`. */
  readonly identity: Buffer;
  readonly head: Buffer;
}

/** @returns for each renewal whether the entry was renewed. */
export function renewEntries(client: RedisClient, category: string, renewals: readonly Renewal[]): Promise<boolean[]> {
  return runLua(
    client,
    renewScript,
    renewals.flatMap(({ key }) => pair(category)(key)),
    renewals.flatMap(({ token, ttlMs, identity, head }) => [token, Math.max(1, Math.round(ttlMs)), identity, head]),
  );
}

/** Lets leases last for `leaseMs` from now, or gives them back with 0. @returns how many still stood. */
export function keepLeases(
  client: RedisClient,
  category: string,
  leases: readonly { readonly key: string; readonly token: string }[],
  leaseMs: number,
): Promise<number> {
  const keys = leases.flatMap(({ key }) => pair(category)(key));
  return runLua(client, keepLeaseScript, keys, [leaseMs, ...leases.map(({ token }) => token)]);
}

/** Drops entries with their leases. @returns how many entries were there. */
export function dropEntries(client: RedisClient, category: string, keys: readonly string[]): Promise<number> {
  return runLua(client, invalidateScript, keys.flatMap(pair(category)), []);
}
