// Typed wrappers of lua/write-behind-*.lua.
import { z } from 'zod';
import { keyspace, type SessionShard } from '../../platform/keyspace.js';
import { type EpochInRedis, epochScript } from '../../platform/redis/epoch.scripts.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { defineLua } from '../../platform/redis/lua-script.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';
import type { EpochOfTurn } from './epoch-of-turn.js';

const version = z.coerce.number();
const present = z
  .tuple([z.literal('PRESENT'), version, z.string()])
  .transform(([code, current, json]) => ({ code, version: current, json }));

const staleEpoch = z.tuple([z.literal('STALE_EPOCH'), version]).transform(([code, epoch]) => ({ code, epoch }));

const putScript = defineLua({
  name: 'write-behind-put',
  keys: ['document', 'lease', 'writes', 'epoch'],
  args: ['expectedVersion', 'isNew', 'document', 'writeId', 'kind', 'id', 'maxDepth', 'epoch', 'firstVersion'],
  returns: ['OK', 'CONFLICT', 'MISSING', 'FULL', 'STALE_EPOCH'],
  reply: z.union([
    z.tuple([z.literal('OK'), version]).transform(([code, current]) => ({ code, version: current })),
    z
      .tuple([z.literal('CONFLICT'), version, z.string()])
      .transform(([code, current, json]) => ({ code, version: current, json })),
    z.tuple([z.literal('MISSING')]).transform(([code]) => ({ code })),
    z.tuple([z.literal('FULL'), z.coerce.number()]).transform(([code, depth]) => ({ code, depth })),
    staleEpoch,
  ]),
});

const leaseScript = defineLua({
  name: 'write-behind-lease',
  keys: ['document', 'lease', 'epoch'],
  args: ['token', 'leaseMs', 'epoch'],
  returns: ['PRESENT', 'LEASED', 'STALE_EPOCH'],
  reply: z.union([
    present,
    z.tuple([z.literal('LEASED'), z.string()]).transform(([code, token]) => ({ code, token })),
    staleEpoch,
  ]),
});

const restoreScript = defineLua({
  name: 'write-behind-restore',
  keys: ['document', 'lease', 'epoch'],
  args: ['token', 'version', 'document', 'ttlMs', 'epoch'],
  returns: ['OK', 'PRESENT', 'LOST', 'STALE_EPOCH'],
  reply: z.union([
    z.tuple([z.literal('OK')]).transform(([code]) => ({ code })),
    present,
    z.tuple([z.literal('LOST')]).transform(([code]) => ({ code })),
    staleEpoch,
  ]),
});

const foldedScript = defineLua({
  name: 'write-behind-folded',
  keys: ['writes', 'documents...'],
  args: ['group', 'version', 'ttlMs', '...', 'ids...'],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK'), z.number()]).transform(([, done]) => done),
});

/** Where a document lives in the session layer. */
export interface DocumentPlace {
  readonly key: string;
  readonly shard: SessionShard;
  readonly epochKey: string;
}

export interface PutRequest {
  readonly expectedVersion: number;
  readonly isNew: boolean;
  readonly json: string;
  readonly writeId: string;
  readonly kind: string;
  readonly id: string;
  readonly maxDepth: number;
  readonly epoch: number;
  /** Versions of the epoch are above this one. */
  readonly firstVersion: number;
}

const leaseOf = ({ key }: DocumentPlace) => keyspace.session.documentLease(key);

/** The epoch in force (0 for none), and the document as it is there, whatever epoch it is of; version 0 for none. */
export async function readDocument(
  client: RedisClient,
  { key, epochKey }: DocumentPlace,
  epochs: EpochOfTurn,
): Promise<{ inForce: number; epoch: number; version: number; json: string }> {
  // Sent one after the other on one connection, answered in that order; a pipeline would do the same at a higher cost.
  const [inForce, [number, json, epoch]] = await Promise.all([
    epochs.read(epochKey),
    client.hmget(key, 'version', 'document', 'epoch'),
  ]);
  return {
    inForce,
    epoch: Number(epoch ?? 0),
    version: Number(number ?? 0),
    json: json ?? '',
  };
}

/** The epoch of a shard. @param newEpoch 0 only reads */
export function readOrSetEpoch(client: RedisClient, epochKey: string, newEpoch: number): Promise<EpochInRedis> {
  return runLua(client, epochScript, [epochKey], [newEpoch]);
}

/** Writes the next version if the expected one stands, and queues it. */
export function putDocument(client: RedisClient, place: DocumentPlace, put: PutRequest) {
  const { expectedVersion, isNew, json, writeId, kind, id, maxDepth, epoch, firstVersion } = put;
  return runLua(
    client,
    putScript,
    [place.key, leaseOf(place), keyspace.session.writeBehind(place.shard), place.epochKey],
    [expectedVersion, isNew ? 1 : 0, json, writeId, kind, id, maxDepth, epoch, firstVersion],
  );
}

/** Asks for the right to restore a document that is not there. */
export function leaseDocument(
  client: RedisClient,
  place: DocumentPlace,
  { token, leaseMs, epoch }: { readonly token: string; readonly leaseMs: number; readonly epoch: number },
) {
  return runLua(client, leaseScript, [place.key, leaseOf(place), place.epochKey], [token, leaseMs, epoch]);
}

/** Puts a document back, or the note that there is none (version 0). */
export function restoreDocument(
  client: RedisClient,
  place: DocumentPlace,
  restored: {
    readonly token: string;
    readonly version: number;
    readonly json: string;
    readonly ttlMs: number;
    readonly epoch: number;
  },
) {
  return runLua(
    client,
    restoreScript,
    [place.key, leaseOf(place), place.epochKey],
    [restored.token, restored.version, restored.json, restored.ttlMs, restored.epoch],
  );
}

/** Takes entries out of the stream, and lets the documents expire whose newest version was folded or given up. */
export function markFolded(
  client: RedisClient,
  shard: SessionShard,
  folded: {
    readonly group: string;
    readonly documents: readonly { readonly key: string; readonly version: number; readonly ttlMs: number }[];
    readonly ids: readonly string[];
  },
): Promise<number> {
  return runLua(
    client,
    foldedScript,
    [keyspace.session.writeBehind(shard), ...folded.documents.map(({ key }) => key)],
    [folded.group, ...folded.documents.flatMap((document) => [document.version, document.ttlMs]), ...folded.ids],
  );
}
