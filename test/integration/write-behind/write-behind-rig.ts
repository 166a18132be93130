// Documents in Redis, folded into PostgreSQL behind: nothing acknowledged is lost, nothing old replaces what is newer.
import { afterAll, afterEach, beforeAll, beforeEach, jest } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { z } from 'zod';
import type { DocumentKind, WriteBehindLimits } from '../../../src/cache/write-behind/document-kind.js';
import type { DocumentStore } from '../../../src/cache/write-behind/document-store.js';
import { WriteBehind } from '../../../src/cache/write-behind/write-behind.js';
import { Database } from '../../../src/platform/database/database.js';
import { keyspace, SESSION_SHARDS, sessionShard } from '../../../src/platform/keyspace.js';
import { Metrics } from '../../../src/platform/metrics.js';
import { RedisLayers } from '../../../src/platform/redis/redis-layers.js';
import { startRedis, type TestRedis } from '../../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

export const logger = pino({ level: process.env.CACHE_TEST_LOG ?? 'silent' });
export const noteCodec = z.object({ text: z.string() });
export type Note = z.infer<typeof noteCodec>;

export let redis: TestRedis;
export let testDatabase: TestDatabase;
export let database: Database;

export interface Process {
  readonly notes: DocumentStore<Note>;
  readonly writeBehind: WriteBehind;
  readonly layers: RedisLayers;
}
export const processes: Process[] = [];
type BeforeFold = (batch: readonly { id: string; version: number; document: Note }[]) => void | Promise<void>;
/** What the fold does beside folding, and how often it folded. */
export const folding: { before: BeforeFold; count: number } = { before: () => {}, count: 0 };

export const kind: DocumentKind<Note> = {
  kind: 'note',
  codec: noteCodec,
  ttlMs: 60_000,
  keyOf: (id) => keyspace.session.cart(id),
  shardOf: (id) => sessionShard(id),
  async load(id) {
    const { rows } = await database.pool.query('SELECT version, document FROM notes WHERE id = $1', [id]);
    return rows[0] && { version: Number(rows[0].version), document: rows[0].document };
  },
  async fold(batch) {
    await folding.before(batch);
    folding.count++;
    await database.pool.query(
      `INSERT INTO notes (id, version, document)
       SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::jsonb[])
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, document = excluded.document
       WHERE notes.version < excluded.version`,
      [batch.map(({ id }) => id), batch.map(({ version }) => version), batch.map(({ document }) => document)],
    );
  },
  async replace(tx, { id, version, document }, expectedVersion) {
    const result = await tx.execute(sql`
      INSERT INTO notes AS n VALUES (${id}, ${version}, ${JSON.stringify(document)}::jsonb)
      ON CONFLICT (id) DO UPDATE SET version = excluded.version, document = excluded.document
      WHERE n.version = ${expectedVersion}`);
    return result.rowCount === 1;
  },
};

export async function startProcess(limits: Partial<WriteBehindLimits> = {}, starts = true): Promise<Process> {
  const layers = new RedisLayers({ redisUrls: redis.urls, REDIS_COMMAND_TIMEOUT_MS: 1_000 }, logger);
  await layers.waitUntilUp(2_000);
  const writeBehind = new WriteBehind(layers, database, new Metrics(), logger, { pauseMs: 10, ...limits });
  const started = { notes: writeBehind.register(kind), writeBehind, layers };
  if (starts) writeBehind.start();
  processes.push(started);
  return started;
}

export const row = (id: string) => kind.load(id);
export const ttlOf = ({ layers }: Process, id: string) => layers.client('session').pttl(kind.keyOf(id));
export const letters = async () =>
  (await database.pool.query('SELECT * FROM write_behind_dead_letters ORDER BY id')).rows;

export async function waiting({ layers }: Process): Promise<number> {
  const depths = await Promise.all(
    SESSION_SHARDS.map((shard) => layers.client('session').xlen(keyspace.session.writeBehind(shard))),
  );
  return depths.reduce((sum, depth) => sum + depth, 0);
}

export function useWriteBehind(): void {
  beforeAll(async () => {
    [redis, testDatabase] = await Promise.all([startRedis({ policy: 'volatile-ttl' }), createTestDatabase()]);
    database = new Database(
      { DATABASE_URL: testDatabase.url, DATABASE_POOL_MAX: 8, DATABASE_STATEMENT_TIMEOUT_MS: 5_000 },
      logger,
    );
    await database.pool.query(
      'CREATE TABLE notes (id uuid PRIMARY KEY, version bigint NOT NULL, document jsonb NOT NULL)',
    );
  });
  beforeEach(() => {
    folding.before = () => {};
    folding.count = 0;
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const { writeBehind, layers } of processes.splice(0)) {
      await writeBehind.stop();
      await layers.client('session').flushall();
      await layers.close();
    }
    await database.pool.query('TRUNCATE notes, write_behind_dead_letters');
    await database.pool.query('UPDATE session_epochs SET epoch = 1');
  });
  afterAll(async () => {
    await database.close();
    await Promise.all([redis.remove(), testDatabase.drop()]);
  });
}
