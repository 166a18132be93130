// Typed wrappers of lua/write-behind-*.lua.
import { z } from 'zod';
import { keyspace, type SessionShard } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { defineLua } from '../../platform/redis/lua-script.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';

const version = z.coerce.number();
const present = z
  .tuple([z.literal('PRESENT'), version, z.string()])
  .transform(([code, current, json]) => ({ code, version: current, json }));

const putScript = defineLua({
  name: 'write-behind-put',
  keys: ['document', 'lease', 'writes'],
  args: ['expectedVersion', 'isNew', 'document', 'writeId', 'kind', 'id', 'maxDepth'],
  returns: ['OK', 'CONFLICT', 'MISSING', 'FULL'],
  reply: z.union([
    z.tuple([z.literal('OK'), version]).transform(([code, current]) => ({ code, version: current })),
    z
      .tuple([z.literal('CONFLICT'), version, z.string()])
      .transform(([code, current, json]) => ({ code, version: current, json })),
    z.tuple([z.literal('MISSING')]).transform(([code]) => ({ code })),
    z.tuple([z.literal('FULL'), z.coerce.number()]).transform(([code, depth]) => ({ code, depth })),
  ]),
});

const leaseScript = defineLua({
  name: 'write-behind-lease',
  keys: ['document', 'lease'],
  args: ['token', 'leaseMs'],
  returns: ['PRESENT', 'LEASED'],
  reply: z.union([present, z.tuple([z.literal('LEASED'), z.string()]).transform(([code, token]) => ({ code, token }))]),
});

const restoreScript = defineLua({
  name: 'write-behind-restore',
  keys: ['document', 'lease'],
  args: ['token', 'version', 'document', 'ttlMs'],
  returns: ['OK', 'PRESENT', 'LOST'],
  reply: z.union([
    z.tuple([z.literal('OK')]).transform(([code]) => ({ code })),
    present,
    z.tuple([z.literal('LOST')]).transform(([code]) => ({ code })),
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
}

export interface PutRequest {
  readonly expectedVersion: number;
  readonly isNew: boolean;
  readonly json: string;
  readonly writeId: string;
  readonly kind: string;
  readonly id: string;
  readonly maxDepth: number;
}

const leaseOf = ({ key }: DocumentPlace) => keyspace.session.documentLease(key);

/** Writes the next version if the expected one stands, and queues it. */
export function putDocument(client: RedisClient, place: DocumentPlace, put: PutRequest) {
  return runLua(
    client,
    putScript,
    [place.key, leaseOf(place), keyspace.session.writeBehind(place.shard)],
    [put.expectedVersion, put.isNew ? 1 : 0, put.json, put.writeId, put.kind, put.id, put.maxDepth],
  );
}

/** Asks for the right to restore a document that is not there. */
export function leaseDocument(client: RedisClient, place: DocumentPlace, token: string, leaseMs: number) {
  return runLua(client, leaseScript, [place.key, leaseOf(place)], [token, leaseMs]);
}

/** Puts a document back, or the note that there is none (version 0). */
export function restoreDocument(
  client: RedisClient,
  place: DocumentPlace,
  restored: { readonly token: string; readonly version: number; readonly json: string; readonly ttlMs: number },
) {
  return runLua(
    client,
    restoreScript,
    [place.key, leaseOf(place)],
    [restored.token, restored.version, restored.json, restored.ttlMs],
  );
}

/** Takes entries out of the stream, and lets the documents expire whose newest version was folded. */
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
