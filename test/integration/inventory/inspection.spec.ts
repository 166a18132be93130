// Stock as administrators see it, compare it and correct it, over HTTP.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { app, shop, useStockAdministration } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useStockAdministration();
const { row, receive, stocked, reserve, allocate, availableOf } = stockTools(() => shop);

describe('administration over HTTP', () => {
  const PATH = '/v1/admin/inventory';

  interface Inspected {
    postgres: object;
    redis: object | null;
    holds: { items: { expiresAt: string }[] };
    movements: object[];
  }

  test('shows both levels, the holds and the newest movements', async () => {
    const variantId = await stocked(5, { sku: 'HTTP-1' });
    const holdId = randomUUID();
    await reserve(variantId, 2, holdId);
    const { status, body } = await app.admin.get<Inspected>(PATH, { query: { sku: 'HTTP-1' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      variantId,
      sku: 'HTTP-1',
      postgres: { onHand: 5, version: 1, policy: 'deny', tracked: true },
      redis: { onHand: 5, version: 1, held: 2, available: 3 },
      redisReachable: true,
      holds: { count: 1, quantity: 2, items: [{ holdId, quantity: 2 }] },
      movements: [{ kind: 'receipt', quantity: 5, reason: 'delivery', levelVersion: 1 }],
    });
    expect(Date.parse(body.holds.items[0]!.expiresAt)).toBeGreaterThan(Date.now());
    const byId = await app.admin.get<Inspected>(PATH, { query: { variantId: variantId.toUpperCase() } });
    expect(byId.body.postgres).toEqual(body.postgres);
  });

  test('shows as available what shoppers are told, without the safety stock', async () => {
    const variantId = await stocked(5);
    await reserve(variantId, 1);
    await app.admin.patch(`${PATH}/levels`, { variantId, safetyStock: 2 });
    expect(await availableOf(variantId)).toBe(2);
    const { body } = await app.admin.get<Inspected>(PATH, { query: { variantId } });
    expect(body.redis).toMatchObject({ onHand: 5, held: 1, available: 2 });
    // What may be owed comes beside the safety stock and does not open it: so do orders.
    await app.admin.patch(`${PATH}/levels`, { variantId, policy: 'backorder', backorderLimit: 1 });
    expect(await availableOf(variantId)).toBe(2);
    expect(await allocate([{ variantId, quantity: 4 }])).toMatchObject({ levels: [{ onHand: 2 }] });
  });

  test('adjusts, and Redis knows at once', async () => {
    const variantId = await stocked(5);
    await availableOf(variantId);
    const answer = await app.admin.post(`${PATH}/adjustments`, { variantId, delta: -2, reason: 'broken' });
    expect(answer).toMatchObject({ status: 200, body: { variantId, before: 5, onHand: 3, version: 2 } });
    expect(await availableOf(variantId)).toBe(3);
  });

  test('Redis follows an import by the outbox', async () => {
    const given = row({ onHand: 5 });
    await receive(given);
    await availableOf(given.variantId);
    await receive({ ...given, onHand: 8 });
    await eventually(async () => expect(await availableOf(given.variantId)).toBe(8));
  });

  test('reconciles', async () => {
    const variantId = await stocked(5);
    await availableOf(variantId);
    await allocate([{ variantId, quantity: 4 }]);
    const { status, body } = await app.admin.post<{ differences: object[] }>(`${PATH}/reconcile`);
    expect(status).toBe(200);
    expect(body.differences).toContainEqual(
      expect.objectContaining({
        variantId,
        kind: 'behind',
        postgres: { onHand: 1, version: 2 },
        redis: { onHand: 5, version: 1 },
      }),
    );
    expect(await availableOf(variantId)).toBe(1);
  });

  const variantId = randomUUID();
  test.each([
    ['neither', {}, 'variantId'],
    ['both', { variantId, sku: 'A' }, 'variantId'],
    ['no id', { variantId: 'x' }, 'variantId'],
    ['an empty SKU', { sku: '' }, 'sku'],
    ['a control character', { sku: 'a\u0000b' }, 'sku'],
    ['an unknown field', { sku: 'A', more: '1' }, 'more'],
  ])('refuses to show %s', async (_, query, field) => {
    const { status, body } = await app.admin.get<{ errors: { field: string }[] }>(PATH, { query });
    expect(status).toBe(400);
    expect(body.errors.map((error) => error.field)).toContain(field);
  });

  test.each([
    ['neither delta nor onHand', { variantId, reason: 'r' }, 'delta'],
    ['both', { variantId, reason: 'r', delta: 1, onHand: 1 }, 'delta'],
    ['a delta of 0', { variantId, reason: 'r', delta: 0 }, 'delta'],
    ['a fraction', { variantId, reason: 'r', delta: 1.5 }, 'delta'],
    ['text', { variantId, reason: 'r', onHand: '5' }, 'onHand'],
    ['a negative count', { variantId, reason: 'r', onHand: -1 }, 'onHand'],
    ['an absurd count', { variantId, reason: 'r', onHand: 1e12 }, 'onHand'],
    ['no reason', { variantId, delta: 1 }, 'reason'],
    ['an unknown field', { variantId, reason: 'r', delta: 1, price: 1 }, 'price'],
  ])('refuses to adjust by %s', async (_, request, field) => {
    const { status, body } = await app.admin.post<{ errors: { field: string }[] }>(`${PATH}/adjustments`, request);
    expect(status).toBe(400);
    expect(body.errors.map((error) => error.field)).toContain(field);
  });

  test('what is not there is 404, and only administrators come in', async () => {
    expect((await app.admin.get(PATH, { query: { variantId } })).status).toBe(404);
    expect((await app.admin.get(PATH, { query: { sku: 'NOBODY-HAS-IT' } })).status).toBe(404);
    const adjustment = { variantId, delta: 1, reason: 'r' };
    expect((await app.admin.post(`${PATH}/adjustments`, adjustment)).status).toBe(404);
    expect((await app.http.get(PATH, { query: { variantId } })).status).toBe(401);
    expect((await app.http.post(`${PATH}/adjustments`, adjustment)).status).toBe(401);
    expect((await app.http.post(`${PATH}/reconcile`)).status).toBe(401);
  });
});
