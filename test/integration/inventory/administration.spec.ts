// Stock as administrators change them, over HTTP.
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { app, shop, useStockAdministration } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

const STOCK = '/v1/admin/inventory';
const LOCATIONS = '/v1/admin/locations';

// Nothing is delivered, so that what was written can be read.
useStockAdministration({ ROLE: 'api' });
beforeAll(() => app.admin.post(LOCATIONS, { code: 'north', name: 'North', rank: -10 }));

const { stocked, allocate, query, availableOf } = stockTools(() => shop);

let variantId: string;

beforeEach(async () => {
  variantId = await stocked(10);
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared whole
  readonly body: any;
}

const post = (path: string, body: object, key?: string): Promise<Answer> =>
  app.admin.post(`${STOCK}/${path}`, body, { headers: key ? { 'idempotency-key': key } : {} });
const settle = (settings: object): Promise<Answer> =>
  app.admin.request('PATCH', `${STOCK}/levels`, { body: { variantId, ...settings } });
const inspect = async (): Promise<Answer['body']> =>
  (await app.admin.get<Answer['body']>(STOCK, { query: { variantId } })).body;
const crossings = async () =>
  (
    await query(
      `SELECT event FROM outbox WHERE payload->>'variantId' = $1 AND event <> 'inventory.level-changed' ORDER BY id`,
      [variantId],
    )
  ).map(({ event }) => event.replace('inventory.', ''));

describe('adjusting', () => {
  test('is carried out once for an Idempotency-Key, also by requests at the same time', async () => {
    const key = randomUUID();
    const adjustment = { variantId, delta: -2, reason: 'broken' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('adjustments', adjustment, key)));
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 200, body: { before: 10, onHand: 8, version: 2 } });
    expect(await post('adjustments', { ...adjustment, delta: -3 }, key)).toMatchObject({ status: 422 });
    expect((await inspect()).postgres.onHand).toBe(8);
  });

  test('that was refused may be sent corrected with the same key', async () => {
    const key = randomUUID();
    expect(await post('adjustments', { variantId, delta: -20, reason: 'x' }, key)).toMatchObject({ status: 400 });
    expect(await post('adjustments', { variantId, delta: -2, reason: 'x' }, key)).toMatchObject({ status: 200 });
  });

  test('at a location that had none of a known variant makes a level with its rules', async () => {
    await settle({ policy: 'backorder' });
    const answer = await post('adjustments', { variantId, location: 'north', onHand: 4, reason: 'counted' });
    expect(answer).toMatchObject({ status: 200, body: { before: 0, onHand: 4 } });
    expect(await inspect()).toMatchObject({
      postgres: { onHand: 10 },
      totals: { onHand: 14, backordered: 0, held: 0 },
      levels: [
        { location: { code: 'north' }, postgres: { onHand: 4, policy: 'backorder', holdLimit: null } },
        { location: { code: 'main' }, postgres: { onHand: 10 } },
      ],
    });
    const unknown = { variantId: randomUUID(), location: 'north', delta: 1, reason: 'x' };
    expect(await post('adjustments', unknown)).toMatchObject({ status: 404 });
  });

  test('many: all or none, or those that are not refused', async () => {
    const other = await stocked(1);
    const adjustments = [
      { variantId, delta: 5, reason: 'delivery' },
      { variantId: other, delta: -2, reason: 'lost' },
      { variantId, delta: 1, reason: 'found', expectedVersion: 2 },
      { variantId, delta: 1, reason: 'found', expectedVersion: 2 },
      { sku: 'NOBODY-HAS-IT', delta: 1, reason: 'found' },
    ];
    const refused = await post('adjustments/bulk', { adjustments });
    expect(refused).toMatchObject({
      status: 400,
      body: {
        errors: [
          { field: 'adjustments.1', code: 'validation_failed' },
          { field: 'adjustments.3', code: 'version_conflict' },
          { field: 'adjustments.4', code: 'not_found' },
        ],
      },
    });
    expect((await inspect()).postgres).toMatchObject({ onHand: 10, version: 1 });
    const key = randomUUID();
    for (let time = 0; time < 2; time++) {
      const { status, body } = await post('adjustments/bulk', { adjustments, allOrNone: false }, key);
      expect(status).toBe(200);
      expect(body.results.map((result: { status: string }) => result.status)).toEqual([
        'adjusted',
        'refused',
        'adjusted',
        'refused',
        'refused',
      ]);
    }
    expect((await inspect()).postgres).toMatchObject({ onHand: 16, version: 3 });
    expect(await availableOf(variantId)).toBe(16);
  });

  test('many at the same time, in any order: no deadlock', async () => {
    const variants = [variantId, await stocked(5), await stocked(5)];
    const adjustments = variants.map((id) => ({ variantId: id, delta: 1, reason: 'delivery' }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        post('adjustments/bulk', { adjustments: i % 2 ? adjustments : adjustments.toReversed() }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await inspect()).postgres.onHand).toBe(18);
  });
});

describe('carrying stock elsewhere', () => {
  test('is two movements, and serves what is owed there', async () => {
    await settle({ policy: 'backorder' });
    await allocate([{ variantId, quantity: 12 }]);
    await post('adjustments', { variantId, location: 'north', delta: 5, reason: 'delivery' });
    const answer = await post('transfers', {
      variantId,
      from: 'north',
      to: 'main',
      quantity: 3,
      reason: 'to the shop',
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { from: { before: 5, onHand: 2 }, to: { before: 0, onHand: 1, backordered: 0 } },
    });
    const { body } = await app.admin.get<Answer['body']>(`${STOCK}/movements`, { query: { variantId } });
    expect(body.items[0]).toMatchObject({ kind: 'transfer', quantity: 1, backordered: -2, reason: 'to the shop' });
  });

  test.each([
    ['more than there is', { from: 'main', to: 'north', quantity: 11 }, 400, { errors: [{ field: 'quantity' }] }],
    ['to where it is', { from: 'main', to: 'main', quantity: 1 }, 400, { errors: [{ field: 'to' }] }],
    ['to nowhere', { from: 'main', to: 'nowhere', quantity: 1 }, 404, { code: 'not_found' }],
    ['nothing', { from: 'main', to: 'north', quantity: 0 }, 400, { errors: [{ field: 'quantity' }] }],
  ])('%s is refused, naming the field, and nothing is written', async (_, transfer, status, body) => {
    expect(await post('transfers', { variantId, reason: 'x', ...transfer })).toMatchObject({ status, body });
    expect(await inspect()).toMatchObject({ levels: [{ postgres: { onHand: 10, version: 1 } }] });
  });
});

describe('the rules of a level', () => {
  test('are changed one by one, each a new version, and null takes a limit away', async () => {
    expect(await settle({})).toMatchObject({ status: 400 });
    expect(await settle({ safetyStock: 3 })).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await settle({ safetyStock: 3 })).toMatchObject({ body: { version: 2 } });
    await settle({ policy: 'backorder', backorderLimit: 5, lowStockThreshold: 2 });
    expect((await inspect()).postgres).toMatchObject({ holdLimit: 12, lowStockThreshold: 2, version: 3 });
    await settle({ backorderLimit: null, lowStockThreshold: null });
    expect((await inspect()).postgres).toMatchObject({
      policy: 'backorder',
      safetyStock: 3,
      backorderLimit: null,
      lowStockThreshold: null,
      holdLimit: null,
      version: 4,
    });
    expect(await settle({ safetyStock: 1, expectedVersion: 3 })).toMatchObject({ status: 409, body: { version: 4 } });
    expect(await settle({ location: 'north', safetyStock: 1 })).toMatchObject({ status: 404 });
    expect(await settle({ safetyStock: -1 })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'safetyStock' }] },
    });
  });
});

describe('the ledger', () => {
  test('is read in pages, newest first', async () => {
    for (let units = 1; units <= 4; units++)
      await post('adjustments', { variantId, delta: units, reason: `n${units}` });
    const page = async (cursor?: string) =>
      (
        await app.admin.get<Answer['body']>(`${STOCK}/movements`, {
          query: { variantId, limit: 2, ...(cursor && { cursor }) },
        })
      ).body;
    const seen: number[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const { items, nextCursor } = await page(cursor);
      seen.push(...items.map((item: { quantity: number }) => item.quantity));
      cursor = nextCursor ?? undefined;
    }
    expect(seen).toEqual([4, 3, 2, 1, 10]);
  });
});

describe('crossings are told once', () => {
  test('low, out and back, by orders, returns and people', async () => {
    const orderId = randomUUID();
    await allocate([{ variantId, quantity: 4 }]);
    expect(await crossings()).toEqual([]);
    await allocate([{ variantId, quantity: 1 }]);
    await allocate([{ variantId, quantity: 1 }]);
    expect(await crossings()).toEqual(['low-stock']);
    await allocate([{ variantId, quantity: 4 }], orderId);
    expect(await crossings()).toEqual(['low-stock', 'out-of-stock']);
    await shop.database.transaction((tx) => shop.inventory.restock(tx, orderId));
    await post('adjustments', { variantId, onHand: 9, reason: 'counted' });
    expect(await crossings()).toEqual(['low-stock', 'out-of-stock', 'back-in-stock']);
  });

  test('by the safety stock and the threshold of the level', async () => {
    await settle({ lowStockThreshold: 1 });
    await post('adjustments', { variantId, onHand: 3, reason: 'counted' });
    expect(await crossings()).toEqual([]);
    await settle({ safetyStock: 2 });
    await settle({ safetyStock: 3 });
    await settle({ tracked: false });
    expect(await crossings()).toEqual(['low-stock', 'out-of-stock', 'back-in-stock']);
  });

  test('and not when the change is rolled back', async () => {
    const failing = shop.database.transaction(async (tx) => {
      await shop.inventory.allocate(tx, [{ orderId: randomUUID(), lines: [{ variantId, quantity: 10 }] }]);
      throw new Error('declined');
    });
    await expect(failing).rejects.toThrow('declined');
    expect(await crossings()).toEqual([]);
  });
});
