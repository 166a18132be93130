// Typed wrappers of the Lua scripts that change entries in redis and their leases.
import { z } from 'zod';
import { keyspace } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { defineLua } from '../../platform/redis/lua-script.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';

/** How the scripts write down what became of each key. */
const leaseStates = { H: 'HIT', L: 'LEASED', S: 'SHARED' } as const;
type LeaseLetter = keyof typeof leaseStates;

const leaseScript = defineLua({
  name: 'cache-lease',
  keys: ['entry', 'fence', '...'],
  args: ['leaseMs', 'token', 'refresh'],
  returns: ['OK'],
  reply: z
    .tuple([z.literal('OK'), z.string().regex(/^[HLS]*$/)], z.string())
    .transform(([, letters, ...shared]) => ({ letters, shared })),
});

const fillScript = defineLua({
  name: 'cache-fill',
  keys: ['entry', 'fence', '...'],
  args: ['fills'],
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

export interface Lease {
  readonly state: (typeof leaseStates)[LeaseLetter];
  readonly token: string;
}

/** Asks for one lease for each key. */
export async function takeLeases(
  client: RedisClient,
  category: string,
  keys: readonly string[],
  options: { readonly leaseMs: number; readonly token: string; readonly refresh: boolean },
): Promise<Lease[]> {
  const args = [options.leaseMs, options.token, options.refresh ? 1 : 0];
  const { letters, shared } = await runLua(client, leaseScript, namesOf(category, keys), args);
  const tokens = { H: () => '', L: () => options.token, S: () => shared.shift() ?? '' };
  return keys.map((_, i) => {
    const letter = letters[i] as LeaseLetter;
    return { state: leaseStates[letter], token: tokens[letter]() };
  });
}

/** Stores entries under their leases. @param fills see `appendFill` @returns for each key whether its lease still stood */
export async function fillEntries(
  client: RedisClient,
  category: string,
  keys: readonly string[],
  fills: Buffer,
): Promise<boolean[]> {
  const digits = await runLua(client, fillScript, namesOf(category, keys), [fills]);
  return Array.from(digits, (digit) => digit === '1');
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
    namesOf(
      category,
      renewals.map(({ key }) => key),
    ),
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
  const names = namesOf(
    category,
    leases.map(({ key }) => key),
  );
  return runLua(client, keepLeaseScript, names, [leaseMs, ...leases.map(({ token }) => token)]);
}

/** Drops entries with their leases. @returns how many entries were there. */
export function dropEntries(client: RedisClient, category: string, keys: readonly string[]): Promise<number> {
  return runLua(client, invalidateScript, namesOf(category, keys), []);
}
