import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { CacheModule } from '../../../src/cache/cache.module.js';
import { TieredCache } from '../../../src/cache/tiered-cache.js';
import { WriteBehind } from '../../../src/cache/write-behind/write-behind.js';
import { WriteStream } from '../../../src/cache/write-behind/write-stream.js';
import { HotReads } from '../../../src/platform/http/hot-reads.js';
import { newSecretId } from '../../../src/platform/ids.js';
import { keyspace, SESSION_SHARDS, sessionShard } from '../../../src/platform/keyspace.js';
import { loadConfig } from '../../../src/platform/load-config.js';
import { Metrics } from '../../../src/platform/metrics.js';
import { OutboxRelay } from '../../../src/platform/outbox/outbox-relay.js';
import { PlatformModule } from '../../../src/platform/platform.module.js';
import { eventually } from '../../support/eventually.js';
import {
  database,
  folding,
  kind,
  letters,
  logger,
  noteCodec,
  redis,
  row,
  startProcess,
  testDatabase,
  ttlOf,
  useWriteBehind,
  waiting,
} from './write-behind-rig.js';

useWriteBehind();

describe('the worker', () => {
  it('folding.count many documents in one statement, of each the newest version', async () => {
    const a = await startProcess({}, false);
    const ids = Array.from({ length: 40 }, newSecretId);
    for (const id of ids) await a.notes.create(id, { text: '1' });
    for (let version = 1; version < 4; version++) {
      for (const id of ids) await a.notes.put(id, version, { text: String(version + 1) });
    }
    expect(await waiting(a)).toBe(160);
    expect(await a.writeBehind.flush()).toBe(0);
    expect(folding.count).toBeLessThanOrEqual(SESSION_SHARDS.length);
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
    folding.before = (batch) => {
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
    folding.before = () => {
      throw new Error('this would have been the end of me');
    };
    const heir = await startProcess({ claimIdleMs: 10, claimEveryMs: 10 });
    await eventually(async () => expect(await letters()).toMatchObject([{ document_id: id }]));
    await eventually(async () => expect(await waiting(heir)).toBe(0));
    expect(folding.count).toBe(0);
    expect(await ttlOf(heir, id)).toBeGreaterThan(0);
  });

  it('waits while PostgreSQL is down, and blames no document', async () => {
    const a = await startProcess({ retryMs: 10, maxAttempts: 1 });
    const id = newSecretId();
    let down = true;
    folding.before = () => {
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
