// Documents in Redis, folded into PostgreSQL behind: nothing acknowledged is lost, nothing old replaces what is newer.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { z } from 'zod';
import { CacheModule } from '../../src/cache/cache.module.js';
import { TieredCache } from '../../src/cache/tiered-cache.js';
import type { DocumentKind, WriteBehindLimits } from '../../src/cache/write-behind/document-kind.js';
import type { DocumentStore } from '../../src/cache/write-behind/document-store.js';
import { WriteBehind } from '../../src/cache/write-behind/write-behind.js';
import { WriteStream } from '../../src/cache/write-behind/write-stream.js';
import { loadConfig } from '../../src/platform/config.js';
import { Database } from '../../src/platform/database/database.js';
import { HotReads } from '../../src/platform/http/hot-reads.js';
import { newSecretId } from '../../src/platform/ids.js';
import { keyspace, SESSION_SHARDS, sessionShard } from '../../src/platform/keyspace.js';
import { Metrics } from '../../src/platform/metrics.js';
import { OutboxRelay } from '../../src/platform/outbox/outbox-relay.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { eventually } from '../support/eventually.js';
import { createRandom } from '../support/random.js';
import { startRedis, type TestRedis } from '../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const logger = pino({ level: process.env.CACHE_TEST_LOG ?? 'silent' });
const noteCodec = z.object({ text: z.string() });
type Note = z.infer<typeof noteCodec>;

let redis: TestRedis;
let testDatabase: TestDatabase;
let database: Database;

interface Process {
  readonly notes: DocumentStore<Note>;
  readonly writeBehind: WriteBehind;
  readonly layers: RedisLayers;
}
const processes: Process[] = [];
/** What the fold does beside folding. */
let beforeFold: (batch: readonly { id: string; version: number; document: Note }[]) => void | Promise<void>;
let folds: number;

const kind: DocumentKind<Note> = {
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
    await beforeFold(batch);
    folds++;
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

async function startProcess(limits: Partial<WriteBehindLimits> = {}, starts = true): Promise<Process> {
  const urls = { operational: redis.url, application: redis.url, session: redis.url };
  const layers = new RedisLayers({ redisUrls: urls, REDIS_COMMAND_TIMEOUT_MS: 1_000 }, logger);
  await layers.waitUntilUp(2_000);
  const writeBehind = new WriteBehind(layers, database, new Metrics(), logger, { pauseMs: 10, ...limits });
  const started = { notes: writeBehind.register(kind), writeBehind, layers };
  if (starts) writeBehind.start();
  processes.push(started);
  return started;
}

const row = (id: string) => kind.load(id);
const ttlOf = ({ layers }: Process, id: string) => layers.client('session').pttl(kind.keyOf(id));
const letters = async () => (await database.pool.query('SELECT * FROM write_behind_dead_letters ORDER BY id')).rows;

async function waiting({ layers }: Process): Promise<number> {
  const depths = await Promise.all(
    SESSION_SHARDS.map((shard) => layers.client('session').xlen(keyspace.session.writeBehind(shard))),
  );
  return depths.reduce((sum, depth) => sum + depth, 0);
}

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
  beforeFold = () => {};
  folds = 0;
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

describe('a document', () => {
  it('is written by version, read at once, and folded behind', async () => {
    const a = await startProcess();
    const id = newSecretId();
    expect(await a.notes.get(id)).toBeUndefined();
    expect(await a.notes.put(id, 0, { text: 'one' })).toEqual({ outcome: 'ok', version: 1 });
    expect(await a.notes.put(id, 1, { text: 'two' })).toEqual({ outcome: 'ok', version: 2 });
    expect(await a.notes.get(id)).toEqual({ version: 2, document: { text: 'two' } });
    expect(await a.notes.put(id, 1, { text: 'late' })).toEqual({
      outcome: 'conflict',
      current: { version: 2, document: { text: 'two' } },
    });
    await eventually(async () => expect(await row(id)).toEqual({ version: 2, document: { text: 'two' } }));
    await eventually(async () => expect(await waiting(a)).toBe(0));
    expect(await ttlOf(a, id)).toBeGreaterThan(0);
  });

  it('is written once by a write that is sent again', async () => {
    const a = await startProcess();
    const id = newSecretId();
    const writeId = newSecretId();
    expect(await a.notes.create(id, { text: 'one' }, { writeId })).toEqual({ outcome: 'ok', version: 1 });
    expect(await a.notes.create(id, { text: 'one' }, { writeId })).toEqual({ outcome: 'ok', version: 1 });
    expect(await a.notes.put(id, 0, { text: 'one' }, { writeId })).toEqual({ outcome: 'ok', version: 1 });
    expect(await a.notes.create(id, { text: 'one' })).toMatchObject({ outcome: 'conflict', current: { version: 1 } });
  });

  it('that redis has forgotten comes back from PostgreSQL, at its version', async () => {
    const a = await startProcess();
    const client = a.layers.client('session');
    const [read, written, never] = [newSecretId(), newSecretId(), newSecretId()];
    for (const id of [read, written]) {
      await a.notes.create(id, { text: 'one' });
      await a.notes.put(id, 1, { text: 'two' });
    }
    await a.writeBehind.flush();
    await client.del(kind.keyOf(read), kind.keyOf(written));
    expect(await a.notes.get(read)).toEqual({ version: 2, document: { text: 'two' } });
    expect(await a.notes.put(written, 2, { text: 'three' })).toEqual({ outcome: 'ok', version: 3 });
    await client.del(kind.keyOf(read));
    expect(await a.notes.put(read, 0, { text: 'nothing known' })).toMatchObject({
      outcome: 'conflict',
      current: { version: 2 },
    });
    expect(await a.notes.put(never, 4, { text: 'x' })).toEqual({ outcome: 'conflict', current: undefined });
  });

  it('that waits for PostgreSQL is neither evicted nor expired', async () => {
    const a = await startProcess({}, false);
    const id = newSecretId();
    await a.notes.get(id); // leaves a note, with an expiry, that there is none
    await a.notes.put(id, 0, { text: 'one' });
    expect(await ttlOf(a, id)).toBe(-1);
    await a.writeBehind.flush();
    expect(await ttlOf(a, id)).toBeGreaterThan(0);
    await a.notes.put(id, 1, { text: 'two' });
    expect(await ttlOf(a, id)).toBe(-1);
  });

  it('is not put back by a reader that has read PostgreSQL before a newer version was folded', async () => {
    const a = await startProcess();
    const id = newSecretId();
    await a.notes.create(id, { text: 'one' });
    await a.writeBehind.flush();
    const client = a.layers.client('session');
    await client.del(kind.keyOf(id));
    const slow = jest.spyOn(kind, 'load').mockImplementationOnce(async () => {
      const old = { version: 1, document: { text: 'one' } };
      // Meanwhile another one restores it, writes, has it folded, and redis forgets it again.
      await a.notes.get(id);
      await a.notes.put(id, 1, { text: 'two' });
      await a.writeBehind.flush();
      await client.del(kind.keyOf(id));
      return old;
    });
    expect(await a.notes.get(id)).toEqual({ version: 2, document: { text: 'two' } });
    expect(slow).toHaveBeenCalled();
  });

  it('takes writes of many at once without losing one', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const random = createRandom('many writers');
    const client = a.layers.client('session');
    const ids = Array.from({ length: 5 }, newSecretId);
    const written = new Map(ids.map((id) => [id, 0]));
    const add = async ({ notes }: Process, id: string) => {
      for (;;) {
        const now = await notes.get(id);
        const text = `${now?.document.text ?? ''}x`;
        const put = await notes.put(id, now?.version ?? 0, { text });
        if (put.outcome === 'ok') return;
      }
    };
    const forgetful = (async () => {
      for (let i = 0; i < 40; i++) {
        await sleep(random.integer(1, 20));
        // As eviction does it: only what has an expiry, in one step.
        const evict = "if redis.call('PTTL', KEYS[1]) > 0 then redis.call('DEL', KEYS[1]) end";
        await client.eval(evict, 1, kind.keyOf(random.pick(ids)));
      }
    })();
    await Promise.all([
      forgetful,
      ...[a, b].flatMap((process) =>
        Array.from({ length: 4 }, async () => {
          for (let i = 0; i < 15; i++) {
            const id = random.pick(ids);
            await add(process, id);
            written.set(id, written.get(id)! + 1);
            await sleep(random.integer(0, 15));
          }
        }),
      ),
    ]);
    await a.writeBehind.flush();
    await eventually(async () => expect(await waiting(a)).toBe(0));
    for (const id of ids) {
      const count = written.get(id)!;
      const expected = count === 0 ? undefined : { version: count, document: { text: 'x'.repeat(count) } };
      expect(await row(id)).toEqual(expected);
      expect(await a.notes.get(id)).toEqual(expected);
    }
  });
});

describe('the worker', () => {
  it('folds many documents in one statement, of each the newest version', async () => {
    const a = await startProcess({}, false);
    const ids = Array.from({ length: 40 }, newSecretId);
    for (const id of ids) await a.notes.create(id, { text: '1' });
    for (let version = 1; version < 4; version++) {
      for (const id of ids) await a.notes.put(id, version, { text: String(version + 1) });
    }
    expect(await waiting(a)).toBe(160);
    expect(await a.writeBehind.flush()).toBe(0);
    expect(folds).toBeLessThanOrEqual(SESSION_SHARDS.length);
    for (const id of ids) expect(await row(id)).toEqual({ version: 4, document: { text: '4' } });
  });

  it('that dies between folding and acknowledging loses nothing and doubles nothing', async () => {
    const dying = await startProcess({}, false);
    const id = newSecretId();
    await dying.notes.create(id, { text: 'one' });
    jest.spyOn(WriteStream.prototype, 'finish').mockRejectedValue(new Error('killed'));
    await expect(dying.writeBehind.flush()).rejects.toThrow('killed');
    jest.restoreAllMocks();
    expect(await row(id)).toEqual({ version: 1, document: { text: 'one' } });
    expect(await waiting(dying)).toBe(1);
    expect(await ttlOf(dying, id)).toBe(-1);
    await dying.notes.put(id, 1, { text: 'two' });

    const heir = await startProcess({ claimIdleMs: 50, claimEveryMs: 20 });
    await eventually(async () => {
      expect(await row(id)).toEqual({ version: 2, document: { text: 'two' } });
      expect(await waiting(heir)).toBe(0);
    });
    expect(await ttlOf(heir, id)).toBeGreaterThan(0);
  });

  it('does not let one bad document hold up the others, and gives it up at last', async () => {
    const a = await startProcess({ retryMs: 10, maxAttempts: 3 });
    const client = a.layers.client('session');
    const [good, poison] = [newSecretId(), newSecretId()];
    let attempts = 0;
    beforeFold = (batch) => {
      if (!batch.some(({ id }) => id === poison)) return;
      attempts++;
      throw new Error('this one breaks the statement');
    };
    await a.notes.create(poison, { text: 'bad \0 text' });
    await a.notes.create(good, { text: 'good' });
    const stream = keyspace.session.writeBehind('s0');
    const unreadable = '00000000-0000-4000-8000-000000000000';
    await client.xadd(stream, '*', 'kind', 'note', 'id', unreadable, 'version', '3', 'document', '{"other":1}');
    await client.xadd(stream, '*', 'kind', 'unknown', 'id', unreadable, 'version', '3', 'document', 'not json');
    await eventually(async () => expect(await row(good)).toBeDefined());
    await eventually(async () => expect(await letters()).toHaveLength(3));
    await eventually(async () => expect(await waiting(a)).toBe(0));
    const byText = (await letters()).map(({ kind: name, document_id, document, error }) => ({
      name,
      document_id,
      document,
      error,
    }));
    expect(byText).toContainEqual({
      name: 'note',
      document_id: poison,
      document: { base64: Buffer.from(JSON.stringify({ text: 'bad \0 text' })).toString('base64') },
      error: 'this one breaks the statement',
    });
    expect(byText).toContainEqual(expect.objectContaining({ document_id: unreadable, document: { other: 1 } }));
    expect(byText).toContainEqual(expect.objectContaining({ name: 'unknown', document: { base64: 'bm90IGpzb24=' } }));
    expect(attempts).toBeGreaterThanOrEqual(3);
  });

  it('gives up what kills every worker that has it', async () => {
    const a = await startProcess({}, false);
    const client = a.layers.client('session');
    const id = newSecretId();
    await a.notes.create(id, { text: 'deadly' });
    const stream = keyspace.session.writeBehind(sessionShard(id));
    await client.xgroup('CREATE', stream, 'fold', '0').catch(() => undefined);
    const reply = (await client.xreadgroup('GROUP', 'fold', 'dead', 'COUNT', 1, 'STREAMS', stream, '>')) as [
      string,
      [string, string[]][],
    ][];
    const entryId = reply[0]![1][0]![0];
    await client.call('XCLAIM', stream, 'fold', 'dead', 0, entryId, 'RETRYCOUNT', 20);
    beforeFold = () => {
      throw new Error('this would have been the end of me');
    };
    const heir = await startProcess({ claimIdleMs: 10, claimEveryMs: 10 });
    await eventually(async () => expect(await letters()).toMatchObject([{ document_id: id }]));
    await eventually(async () => expect(await waiting(heir)).toBe(0));
    expect(folds).toBe(0);
  });

  it('waits while PostgreSQL is down, and blames no document', async () => {
    const a = await startProcess({ retryMs: 10, maxAttempts: 1 });
    const id = newSecretId();
    let down = true;
    beforeFold = () => {
      if (down) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    await a.notes.create(id, { text: 'one' });
    await sleep(100);
    expect(await waiting(a)).toBe(1);
    down = false;
    await eventually(async () => expect(await row(id)).toBeDefined());
    expect(await letters()).toEqual([]);
  });

  it('refuses writers when too many documents wait', async () => {
    const a = await startProcess({ maxDepth: 3 }, false);
    const ids = Array.from({ length: 5 }, () => `${newSecretId().slice(0, -1)}0`);
    for (const id of ids.slice(0, 3)) await a.notes.create(id, { text: '1' });
    await expect(a.notes.create(ids[3]!, { text: '1' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await a.notes.get(ids[3]!)).toBeUndefined();
    await a.writeBehind.flush();
    expect(await a.notes.create(ids[4]!, { text: '1' })).toEqual({ outcome: 'ok', version: 1 });
  });

  it('goes on after redis was flushed or was away: in PostgreSQL meanwhile, and with new numbers', async () => {
    const a = await startProcess();
    const id = newSecretId();
    await a.notes.create(id, { text: 'one' });
    await a.writeBehind.flush();
    await a.layers.client('session').flushall();
    expect(await a.notes.put(id, 1, { text: 'two' })).toEqual({ outcome: 'ok', version: 2_000_000_001 });
    await eventually(async () => expect(await row(id)).toMatchObject({ version: 2_000_000_001 }));
    await redis.kill9();
    expect(await a.notes.get(id)).toEqual({ version: 2_000_000_001, document: { text: 'two' } });
    expect(await a.notes.put(id, 2_000_000_001, { text: 'three' })).toEqual({ outcome: 'ok', version: 3_000_000_001 });
    expect(await a.notes.put(id, 2_000_000_001, { text: 'late' })).toMatchObject({
      outcome: 'conflict',
      current: { version: 3_000_000_001 },
    });
    await redis.start();
    await eventually(() => expect(a.layers.watch('session').isOut).toBe(false));
    expect(await a.notes.get(id)).toEqual({ version: 3_000_000_001, document: { text: 'three' } });
    expect(await a.notes.put(id, 3_000_000_001, { text: 'four' })).toEqual({ outcome: 'ok', version: 4_000_000_001 });
    await eventually(async () => expect(await row(id)).toMatchObject({ version: 4_000_000_001 }));
  });

  it('flushes when it stops, and leaves the group', async () => {
    const a = await startProcess({ pauseMs: 60_000 });
    await sleep(50);
    const id = newSecretId();
    await a.notes.create(id, { text: 'one' });
    await a.writeBehind.stop();
    expect(await row(id)).toBeDefined();
    const consumers = await a.layers
      .client('session')
      .xinfo('CONSUMERS', keyspace.session.writeBehind(sessionShard(id)), 'fold');
    expect(consumers).toEqual([]);
  });
});

describe('the module', () => {
  it('makes void what an event names, and flushes before the platform closes its connections', async () => {
    const config = loadConfig({ DATABASE_URL: testDatabase.url, REDIS_URL: redis.url, NODE_ENV: 'test' });
    const parts = { logger, metrics: new Metrics(), hotReads: new HotReads() };
    const platform = PlatformModule.forRoot(config, parts);
    const root = { module: class Root {}, imports: [platform, CacheModule.forRoot()] };
    const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    const products = app.get(TieredCache).register('product', {
      codec: noteCodec,
      load: async (key) => (await kind.load(key))?.document,
      tagsOf: (_note, key) => [`product:${key}`],
    });
    const notes = app.get(WriteBehind).register(kind);
    const id = newSecretId();
    await database.pool.query('INSERT INTO notes VALUES ($1, 1, $2)', [id, { text: 'one' }]);
    expect(await products.get(id)).toMatchObject({ found: true });
    await database.pool.query('UPDATE notes SET document = $2 WHERE id = $1', [id, { text: 'two' }]);
    await database.pool.query('INSERT INTO outbox (event, payload) VALUES ($1, $2)', [
      'catalog.changed',
      { tags: [`product:${id}`] },
    ]);
    // By this call, or by the relay that runs by itself.
    await app.get(OutboxRelay).deliverDue();
    await eventually(async () => {
      const answer = await products.get(id);
      expect(answer.found && answer.document.value).toEqual({ text: 'two' });
    });

    const late = newSecretId();
    await notes.create(late, { text: 'at the end' });
    await app.close();
    expect(await row(late)).toEqual({ version: 1, document: { text: 'at the end' } });
  });
});
