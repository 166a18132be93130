import { randomBytes } from 'node:crypto';
import { unavailable } from '../../platform/errors.js';
import { newSecretId } from '../../platform/ids.js';
import { isRedisDown } from '../../platform/redis/redis-down.js';
import type { RedisClient, RedisLayers } from '../../platform/redis/redis-layers.js';
import type { DocumentKind, VersionedDocument, WriteBehindLimits } from './document-kind.js';
import { type DocumentPlace, leaseDocument, putDocument, restoreDocument } from './write-behind.scripts.js';

/** `conflict` names what stands there now; `current` is undefined when there is none. */
export type PutResult<T> =
  | { readonly outcome: 'ok'; readonly version: number }
  | { readonly outcome: 'conflict'; readonly current: VersionedDocument<T> | undefined };

export interface PutOptions {
  /** Names the write: sent again with the same name while it is the last one, it is answered as it was, not done twice. */
  readonly writeId?: string;
}

const MAX_TRIES = 4;

/**
 * Documents of one kind: read and written in redis by version, folded into PostgreSQL behind.
 * While the session layer is out, reads come from PostgreSQL and writes are refused with `unavailable`.
 */
export class DocumentStore<T> {
  constructor(
    private readonly redis: RedisLayers,
    private readonly kind: DocumentKind<T>,
    private readonly limits: WriteBehindLimits,
  ) {}

  /** The document with its version; undefined when there is none. */
  async get(id: string): Promise<VersionedDocument<T> | undefined> {
    try {
      const [version, json] = await this.client.hmget(this.kind.keyOf(id), 'version', 'document');
      if (version) return this.read(Number(version), json ?? '');
      return await this.restore(id);
    } catch (error) {
      if (isRedisDown(error)) return this.kind.load(id);
      throw error;
    }
  }

  /** Writes a document under an id made just now. */
  create(id: string, document: T, options?: PutOptions): Promise<PutResult<T>> {
    return this.write(id, 0, document, true, options);
  }

  /**
   * Writes the next version if `expectedVersion` still stands; 0 means that there was none.
   * @throws AppError `unavailable` when the session layer is out or too many documents wait for PostgreSQL.
   */
  put(id: string, expectedVersion: number, document: T, options?: PutOptions): Promise<PutResult<T>> {
    return this.write(id, expectedVersion, document, false, options);
  }

  private async write(
    id: string,
    expectedVersion: number,
    document: T,
    isNew: boolean,
    options: PutOptions = {},
  ): Promise<PutResult<T>> {
    const { kind, limits } = this;
    const put = {
      expectedVersion,
      isNew,
      json: JSON.stringify(document),
      writeId: options.writeId ?? newSecretId(),
      kind: kind.kind,
      id,
      maxDepth: limits.maxDepth,
    };
    try {
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const reply = await putDocument(this.client, this.placeOf(id), put);
        if (reply.code === 'OK') return { outcome: 'ok', version: reply.version };
        if (reply.code === 'CONFLICT') return { outcome: 'conflict', current: this.read(reply.version, reply.json) };
        if (reply.code === 'FULL') throw unavailable('The store of changes');
        await this.restore(id);
      }
    } catch (error) {
      if (isRedisDown(error)) throw unavailable('The session store', 1, error);
      throw error;
    }
    throw unavailable('The session store');
  }

  /** Brings a document that redis does not have back from PostgreSQL. */
  private async restore(id: string): Promise<VersionedDocument<T> | undefined> {
    const place = this.placeOf(id);
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const lease = await leaseDocument(this.client, place, randomBytes(12).toString('base64url'), this.limits.leaseMs);
      if (lease.code === 'PRESENT') return this.read(lease.version, lease.json);
      const row = await this.kind.load(id);
      const restored = await restoreDocument(this.client, place, {
        token: lease.token,
        version: row?.version ?? 0,
        json: row ? JSON.stringify(row.document) : '',
        ttlMs: row ? this.kind.ttlMs : this.limits.absentMs,
      });
      if (restored.code === 'OK') return row;
      if (restored.code === 'PRESENT') return this.read(restored.version, restored.json);
    }
    throw unavailable('The session store');
  }

  private read(version: number, json: string): VersionedDocument<T> | undefined {
    return version === 0 ? undefined : { version, document: this.kind.codec.parse(JSON.parse(json)) };
  }

  private placeOf(id: string): DocumentPlace {
    return { key: this.kind.keyOf(id), shard: this.kind.shardOf(id) };
  }

  private get client(): RedisClient {
    return this.redis.client('session');
  }
}
