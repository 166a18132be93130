import { randomBytes } from 'node:crypto';
import { unavailable } from '../../platform/errors.js';
import { newSecretId } from '../../platform/ids.js';
import { keyspace } from '../../platform/keyspace.js';
import type { RedisClient, RedisLayers } from '../../platform/redis/redis-layers.js';
import type { DocumentKind, PutOptions, PutResult, VersionedDocument, WriteBehindLimits } from './document-kind.js';
import { EpochOfTurn } from './epoch-of-turn.js';
import { firstVersionOf, type SessionEpochs } from './session-epochs.js';
import {
  type DocumentPlace,
  leaseDocument,
  putDocument,
  readDocument,
  restoreDocument,
} from './write-behind.scripts.js';

const MAX_TRIES = 6;

/** Documents of one kind in Redis: those of the epoch in force; others are compared with PostgreSQL first. */
export class RedisDocuments<T> {
  private readonly epochOfTurn = new EpochOfTurn((epochKey) => this.client.hget(epochKey, 'epoch'));

  constructor(
    private readonly redis: RedisLayers,
    private readonly epochs: SessionEpochs,
    private readonly kind: DocumentKind<T>,
    private readonly limits: WriteBehindLimits,
  ) {}

  async get(id: string): Promise<VersionedDocument<T> | undefined> {
    const place = this.placeOf(id);
    const epoch = await this.epochs.current(place.shard);
    const found = await readDocument(this.client, place, this.epochOfTurn);
    if (found.inForce === epoch && found.epoch === epoch) return this.read(found.version, found.json);
    if (found.inForce !== epoch) await this.epochs.verify(place.shard, found.inForce);
    return this.restore(id);
  }

  /** @throws AppError `unavailable` when too many documents wait for PostgreSQL */
  async put(
    id: string,
    expectedVersion: number,
    document: T,
    isNew: boolean,
    { writeId = newSecretId() }: PutOptions,
  ): Promise<PutResult<T>> {
    const { kind, limits } = this;
    const place = this.placeOf(id);
    const json = JSON.stringify(document);
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const epoch = await this.epochs.current(place.shard);
      const put = { expectedVersion, isNew, json, writeId, kind: kind.kind, id, maxDepth: limits.maxDepth };
      const reply = await putDocument(this.client, place, { ...put, epoch, firstVersion: firstVersionOf(epoch) });
      if (reply.code === 'OK') return { outcome: 'ok', version: reply.version };
      if (reply.code === 'CONFLICT') return { outcome: 'conflict', current: this.read(reply.version, reply.json) };
      if (reply.code === 'FULL') throw unavailable('The store of changes');
      if (reply.code === 'STALE_EPOCH') await this.epochs.verify(place.shard, reply.epoch);
      else await this.restore(id);
    }
    throw unavailable('The session store');
  }

  /** Restores the newest version of a document that Redis lacks or has from an older epoch. */
  private async restore(id: string): Promise<VersionedDocument<T> | undefined> {
    const place = this.placeOf(id);
    const { leaseMs, absentMs } = this.limits;
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const epoch = await this.epochs.current(place.shard);
      const token = randomBytes(12).toString('base64url');
      const lease = await leaseDocument(this.client, place, { token, leaseMs, epoch });
      if (lease.code === 'PRESENT') return this.read(lease.version, lease.json);
      const row = lease.code === 'LEASED' ? await this.kind.load(id) : undefined;
      if (lease.code === 'STALE_EPOCH' || isBeyond(row, epoch)) {
        await this.epochs.verify(place.shard, lease.code === 'STALE_EPOCH' ? lease.epoch : epoch + 1);
        continue;
      }
      const restored = await restoreDocument(this.client, place, {
        token: lease.token,
        version: row?.version ?? 0,
        json: row ? JSON.stringify(row.document) : '',
        ttlMs: row ? this.kind.ttlMs : absentMs,
        epoch,
      });
      if (restored.code === 'OK') return row;
      if (restored.code === 'PRESENT') return this.read(restored.version, restored.json);
      if (restored.code === 'STALE_EPOCH') await this.epochs.verify(place.shard, restored.epoch);
    }
    throw unavailable('The session store');
  }

  private read(version: number, json: string): VersionedDocument<T> | undefined {
    return version === 0 ? undefined : { version, document: this.kind.codec.parse(JSON.parse(json)) };
  }

  private placeOf(id: string): DocumentPlace {
    const shard = this.kind.shardOf(id);
    return { key: this.kind.keyOf(id), shard, epochKey: keyspace.session.epoch(shard) };
  }

  private get client(): RedisClient {
    return this.redis.client('session');
  }
}

/** Whether PostgreSQL was written past Redis since the epoch was set: this epoch must not continue its versions. */
const isBeyond = (row: { readonly version: number } | undefined, epoch: number): boolean =>
  row !== undefined && row.version > firstVersionOf(epoch + 1);
