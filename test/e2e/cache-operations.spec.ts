// What an operator sees and steers of the cache.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Shop, startShop } from '../support/shop.js';
import { stockProducts } from '../support/stock.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
  await stockProducts(shop, [{ handle: 'thing', onHand: 5 }]);
});

afterAll(() => shop?.close());

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
