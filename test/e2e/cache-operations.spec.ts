// What an operator sees and steers of the cache.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { runJob } from '../support/run-job.js';
import { shop, useShop } from '../support/shop-rig.js';
import { stockProducts } from '../support/stock.js';

useShop();
beforeAll(async () => {
  await stockProducts(shop, [{ handle: 'thing', onHand: 5 }]);
});

const status = async () => (await shop.http.get('/v1/products/thing')).headers.get('cache-status');

describe('controls', () => {
  const path = '/v1/admin/cache/controls';

  test('a tier is switched off and on', async () => {
    await status();
    await status();
    expect(await status()).toContain('detail=memory');
    const off = await shop.admin.patch(path, { category: 'product', memory: false });
    expect(off).toMatchObject({ status: 200, body: { memory: false, redis: true, changedAt: expect.any(String) } });
    expect([await status(), await status()]).toEqual([
      expect.stringContaining('detail=redis'),
      expect.stringContaining('detail=redis'),
    ]);
    expect((await shop.admin.get(path)).body).toMatchObject({
      appliedWithinMs: 1_000,
      categories: { product: { memory: false }, productList: { memory: true, changedAt: null } },
    });
    await shop.admin.patch(path, { category: 'product', memory: true });
    await status();
    expect(await status()).toContain('detail=memory');
  });

  test.each([
    [{ category: 'product' }, 'memory'],
    [{ category: 'nothing', memory: false }, 'category'],
    [{ memory: false }, 'category'],
    [{ category: 'product', serveStaleMs: -1 }, 'serveStaleMs'],
    [{ category: 'product', serveStaleMs: 86_400_001 }, 'serveStaleMs'],
    [{ category: 'product', redisWriteShare: 1.5 }, 'redisWriteShare'],
    [{ category: 'product', redis: 'off' }, 'redis'],
  ])('%j is refused', async (body, field) => {
    expect(await shop.admin.patch(path, body)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ field }] },
    });
  });
});

describe('what happens', () => {
  test('statistics by category and tier', async () => {
    const { status: code, body } = await shop.admin.get('/v1/admin/cache/stats');
    expect(code).toBe(200);
    expect(body).toMatchObject({
      process: { pid: process.pid },
      current: true,
      redisBreaker: 'closed',
      categories: {
        product: {
          memory: { missed: { absent: expect.any(Number) }, latencyMs: { p50: expect.any(Number) } },
          redis: { writtenBytes: expect.any(Number) },
          effectiveness: { savedMs: expect.any(Number) },
        },
      },
    });
    const metrics = (await shop.http.get<string>('/metrics')).body;
    expect(metrics).toMatch(/cache_tier_seconds_bucket\{category="product",tier="redis",le="\+Inf"\} [1-9]/);
    expect(metrics).not.toContain('thing');
  });

  test('hot keys', async () => {
    for (let i = 0; i < 20; i++) await status();
    const path = '/v1/admin/cache/hot-keys';
    const handles = await shop.admin.get(path, { query: { category: 'productHandle', limit: 5 } });
    expect(handles.body).toMatchObject({ items: [{ category: 'productHandle', keys: [{ key: 'thing' }] }] });
    expect((await shop.admin.get<{ items: unknown[] }>(path)).body.items.length).toBeGreaterThan(3);
    for (const query of [{ category: 'nothing' }, { limit: 0 }, { limit: 101 }, { top: 5 }]) {
      expect((await shop.admin.get(path, { query: query as Record<string, number> })).status).toBe(400);
    }
  });

  test('each Redis layer, without anybody’s data', async () => {
    const { body } = await shop.admin.get('/v1/admin/redis');
    expect(body).toMatchObject({
      layers: [
        { layer: 'operational', up: true, nodes: [{ memory: { policy: 'noeviction' } }] },
        { layer: 'application', up: true, nodes: [{ hits: expect.any(Number) }] },
        { layer: 'session', up: true, nodes: [{ slowCommands: expect.any(Array) }] },
      ],
    });
  });
});

describe('warming', () => {
  const path = '/v1/admin/cache/warm';

  test('from each source, with its progress', async () => {
    await status();
    await runJob(shop, 'record-hot-keys');
    for (const source of ['list', 'popular', 'predicted', 'expiring']) {
      const begun = await shop.admin.post<{ id: string }>(path, { category: 'product', source, top: 50 });
      expect(begun).toMatchObject({ status: 202, body: { name: 'product', source } });
      await eventually(async () => {
        const { body } = await shop.admin.get(`${path}/${begun.body.id}`);
        expect(body).toMatchObject({ state: 'done', failed: 0, finishedAt: expect.any(String) });
      });
    }
    const { body } = await shop.admin.get<{ items: { source: string }[] }>(path);
    expect(body.items.map(({ source }) => source)).toEqual(['expiring', 'predicted', 'popular', 'list']);
  });

  test('of given keys', async () => {
    const begun = await shop.admin.post<{ id: string }>(path, {
      category: 'productHandle',
      keys: ['thing', 'nothing'],
    });
    expect(begun.body).toMatchObject({ source: 'list', total: 2 });
    await eventually(async () =>
      expect((await shop.admin.get(`${path}/${begun.body.id}`)).body).toMatchObject({ state: 'done', done: 2 }),
    );
  });

  test.each([
    [{}, 'category'],
    [{ category: 'nothing' }, 'category'],
    [{ category: 'product', source: 'wishes' }, 'source'],
    [{ category: 'product', top: 0 }, 'top'],
    [{ category: 'product', top: 20_001 }, 'top'],
    [{ category: 'product', keys: [] }, 'keys'],
    [{ category: 'product', keys: ['a\0b'] }, 'keys.0'],
    [{ category: 'product', keys: ['a'], source: 'popular' }, 'keys'],
    [{ category: 'product', keys: ['a'], top: 1 }, 'keys'],
  ])('%j is refused', async (body, field) => {
    expect(await shop.admin.post(path, body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });
});

test('an audit that is asked for again too soon says that it was skipped, and when to ask', async () => {
  const path = '/v1/admin/jobs/audit-cache/run';
  const first = await shop.admin.post<{ outcome: string; note: string }>(path);
  // The process may have audited itself a moment ago.
  if (first.body.outcome === 'done') expect(first.body.note).toMatch(/copies were compared/);
  const skipped = { outcome: 'skipped', note: expect.stringContaining('Ask again in'), error: null };
  expect(await shop.admin.post(path)).toMatchObject({ status: 200, body: { name: 'audit-cache', ...skipped } });
  const jobs = await shop.admin.get<{ items: { name: string; lastRun: unknown }[] }>('/v1/admin/jobs');
  expect(jobs.body.items.find(({ name }) => name === 'audit-cache')?.lastRun).toMatchObject(skipped);
});

test('a job whose lock cannot be asked for is not "running": 503', async () => {
  shop.redis.operational.freeze();
  try {
    expect(await shop.admin.post('/v1/admin/jobs/audit-cache/run')).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    });
  } finally {
    shop.redis.operational.thaw();
  }
});
