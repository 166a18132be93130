import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InventoryModule } from '../../../src/inventory/index.js';
import { pgFailure } from '../../../src/platform/database/database.js';
import { eventually } from '../../support/eventually.js';
import { type ModuleApp, startModules } from '../../support/module-app.js';
import { createRandom } from '../../support/random.js';
import { startRedis, type TestRedis, type TestRedisLayers } from '../../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { type StockProcess, startStockProcess } from './stock-process.js';
import { stockTools } from './stock-tools.js';

let database: TestDatabase;
let redis: TestRedis;
let shop: StockProcess;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
  shop = await startStockProcess({ databaseUrl: database.url, redisUrl: redis.url });
});

afterAll(async () => {
  await shop?.close();
  await Promise.all([redis?.remove(), database?.drop()]);
});

const { row, receive, stocked, reserve, allocate, query, ledgerOf, levelOf, availableOf, eventsOf } = stockTools(
  () => shop,
);

describe('what the catalogue reports', () => {
  test('is a receipt at first, a correction later, and nothing when nothing changed', async () => {
    const given = row({ onHand: 7 });
    await receive(given);
    await receive(given);
    await receive({ ...given, onHand: undefined });
    expect(await ledgerOf(given.variantId)).toEqual([['receipt', 7, 'delivery', 1]]);
    expect(await eventsOf(given.variantId)).toEqual([]);

    await receive({ ...given, onHand: 4 });
    expect(await ledgerOf(given.variantId)).toEqual([
      ['receipt', 7, 'delivery', 1],
      ['correction', -3, 'delivery', 2],
    ]);
    expect(await levelOf(given.variantId)).toMatchObject({ onHand: 4, version: 2 });
    expect((await eventsOf(given.variantId))[0].payload).toEqual({ variantIds: [given.variantId] });
  });

  test('a changed policy is a new version without a movement', async () => {
    const given = row();
    await receive(given);
    await receive({ ...given, policy: 'backorder', tracked: false });
    expect(await levelOf(given.variantId)).toMatchObject({ version: 2, policy: 'backorder', tracked: false });
    expect(await ledgerOf(given.variantId)).toHaveLength(1);
  });

  test('a SKU moves to the variant that has it now, without a new version of its stock', async () => {
    const [a, b] = [row({ sku: 'MOVES-1' }), row({ sku: 'MOVES-2' })];
    await receive(a, b);
    await receive({ ...a, sku: 'MOVES-2' });
    expect(await shop.references.variantIdOf({ sku: 'MOVES-2' })).toBe(a.variantId);
    await expect(shop.references.variantIdOf({ sku: 'MOVES-1' })).rejects.toMatchObject({ code: 'not_found' });
    await receive({ ...a, sku: 'MOVES-1' }, { ...b, sku: 'MOVES-2' });
    await receive({ ...a, sku: 'MOVES-2' }, { ...b, sku: 'MOVES-1' });
    expect(await shop.references.variantIdOf({ sku: 'MOVES-1' })).toBe(b.variantId);
    expect(await levelOf(a.variantId)).toMatchObject({ version: 1 });
  });

  test('a quantity that the last import has said already does not put back what was sold since', async () => {
    const given = row({ onHand: 5 });
    await receive(given);
    await allocate([{ variantId: given.variantId, quantity: 3 }]);
    await receive(given);
    expect(await levelOf(given.variantId)).toMatchObject({ onHand: 2, version: 2 });
    await receive({ ...given, onHand: 6 });
    expect(await levelOf(given.variantId)).toMatchObject({ onHand: 6, version: 3 });
    await receive({ ...given, onHand: undefined });
    await receive({ ...given, onHand: 6 });
    expect(await levelOf(given.variantId)).toMatchObject({ onHand: 6, version: 3 });
  });

  test('is rolled back with the import', async () => {
    const given = row();
    const failing = shop.database.transaction(async (tx) => {
      await shop.intake.receive(tx, [given], 'delivery');
      throw new Error('the import fails');
    });
    await expect(failing).rejects.toThrow('the import fails');
    expect(await levelOf(given.variantId)).toBeUndefined();
  });

  test.each([-1, 1.5, 2_000_000_000])('an onHand of %p is refused', async (onHand) => {
    await expect(receive(row({ onHand }))).rejects.toThrow(RangeError);
  });

  test('a variant must not come twice', async () => {
    const given = row();
    await expect(receive(given, given)).rejects.toThrow(RangeError);
  });
});

describe('the ledger', () => {
  test.each(['UPDATE stock_movements SET quantity = 1', 'DELETE FROM stock_movements'])('refuses %s', async (sql) => {
    await stocked(1);
    const refused: unknown = await shop.database.pool.query(sql).catch((error: unknown) => error);
    expect(pgFailure(refused)?.code).toBe('23001');
  });

  test('has one allocation for an order and a variant, whatever is repeated', async () => {
    const variantId = await stocked(5);
    const orderId = randomUUID();
    await allocate([{ variantId, quantity: 1 }], orderId);
    await expect(allocate([{ variantId, quantity: 1 }], orderId)).rejects.toThrow();
    expect(await levelOf(variantId)).toMatchObject({ onHand: 4 });
  });
});

describe('allocating', () => {
  test('takes all lines, those of one variant together', async () => {
    const [a, b] = [await stocked(5), await stocked(5)];
    const result = await allocate([
      { variantId: a, quantity: 2 },
      { variantId: b, quantity: 1 },
      { variantId: a.toUpperCase(), quantity: 3 },
    ]);
    const levels = result.kind === 'allocated' ? result.levels : [];
    expect(new Map(levels.map((level) => [level.variantId, [level.onHand, level.version]]))).toEqual(
      new Map([
        [a, [0, 2]],
        [b, [4, 2]],
      ]),
    );
  });

  test('writes nothing when a line is short, and says which', async () => {
    const [a, b, unknown] = [await stocked(5), await stocked(1), randomUUID()];
    const result = await allocate([
      { variantId: a, quantity: 1 },
      { variantId: b, quantity: 2 },
      { variantId: unknown, quantity: 1 },
    ]);
    expect(result.kind).toBe('short');
    expect(result.kind === 'short' && [...result.lines].sort((x, y) => y.available - x.available)).toEqual([
      { variantId: b, requested: 2, available: 1 },
      { variantId: unknown, requested: 1, available: 0 },
    ]);
    expect(await levelOf(a)).toMatchObject({ onHand: 5, version: 1 });
  });

  test('a backorder takes what is there and owes the rest; an untracked variant takes nothing', async () => {
    const waits = await stocked(2, { policy: 'backorder' });
    const uncounted = await stocked(0, { tracked: false });
    const orderId = randomUUID();
    const lines = [
      { variantId: waits, quantity: 5 },
      { variantId: uncounted, quantity: 5 },
    ];
    expect(await allocate(lines, orderId)).toMatchObject({ levels: [{ variantId: waits, onHand: 0, version: 2 }] });
    const ledger = 'SELECT variant_id, quantity, backordered FROM stock_movements WHERE order_id = $1';
    expect(await query(ledger, [orderId])).toEqual([{ variant_id: waits, quantity: -2, backordered: 3 }]);
    const second = randomUUID();
    await allocate([{ variantId: waits, quantity: 1 }], second);
    expect(await query(ledger, [second])).toEqual([{ variant_id: waits, quantity: 0, backordered: 1 }]);
  });

  test('a hundred buyers with carts in any order: no deadlock, nothing oversold, the ledger is right', async () => {
    const random = createRandom('a hundred buyers');
    const variants = await Promise.all(Array.from({ length: 10 }, () => stocked(20)));
    const buyer = async () => {
      const wanted = random.shuffle(variants).slice(0, random.integer(1, 5));
      const lines = wanted.map((variantId) => ({ variantId, quantity: random.integer(1, 3) }));
      const { kind } = await allocate(lines);
      return { kind, lines };
    };
    // Imports and administrators change the same levels meanwhile.
    const intruder = async (variantId: string) => {
      await receive(...random.shuffle(variants).map((id) => row({ variantId: id, onHand: undefined, policy: 'deny' })));
      await shop.administration.adjust({ variant: { variantId }, change: { delta: 1 }, reason: 'found one' });
    };
    const [bought] = await Promise.all([
      Promise.all(Array.from({ length: 100 }, buyer)),
      Promise.all(variants.map(intruder)),
    ]);
    expect(bought.some(({ kind }) => kind === 'allocated')).toBe(true);
    expect(bought.some(({ kind }) => kind === 'short')).toBe(true);
    for (const variantId of variants) {
      const taken = bought
        .filter(({ kind }) => kind === 'allocated')
        .flatMap(({ lines }) => lines.filter((line) => line.variantId === variantId))
        .reduce((sum, { quantity }) => sum + quantity, 0);
      const movements = await ledgerOf(variantId);
      const sum = movements.reduce((total, [, quantity]) => total + Number(quantity), 0);
      const level = await levelOf(variantId);
      expect(level?.onHand).toBe(21 - taken);
      expect(sum).toBe(level?.onHand);
      // Version order is commit order: one movement for each version, none missing.
      expect(movements.map(([, , , version]) => version)).toEqual(movements.map((_, i) => i + 1));
    }
  });
});

describe('adjusting by hand', () => {
  test('a difference or a count, by id or SKU, at the default location or one that is named', async () => {
    const variantId = await stocked(5, { sku: 'ADJ-1' });
    const adjust = shop.administration.adjust.bind(shop.administration);
    expect(await adjust({ variant: { sku: 'ADJ-1' }, change: { delta: 3 }, reason: 'found' })).toMatchObject({
      before: 5,
      onHand: 8,
      version: 2,
    });
    expect(await availableOf(variantId)).toBe(8);
    await adjust({ variant: { variantId }, location: 'main', change: { onHand: 2 }, reason: 'counted' });
    await adjust({ variant: { variantId }, change: { onHand: 2 }, reason: 'counted again' });
    expect(await ledgerOf(variantId)).toEqual([
      ['receipt', 5, 'delivery', 1],
      ['receipt', 3, 'found', 2],
      ['correction', -6, 'counted', 3],
    ]);
    expect(await eventsOf(variantId)).toHaveLength(2);
    await expect(adjust({ variant: { variantId }, change: { delta: -3 }, reason: 'lost' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(
      adjust({ variant: { variantId }, change: { delta: 1_000_000_000 }, reason: 'too many' }),
    ).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(
      adjust({ variant: { variantId: randomUUID() }, change: { delta: 1 }, reason: 'x' }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      adjust({ variant: { variantId }, location: 'nowhere', change: { delta: 1 }, reason: 'x' }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('administration over HTTP', () => {
  const PATH = '/v1/admin/inventory';
  let app: ModuleApp;

  beforeAll(async () => {
    const { url } = redis;
    const layers = { urls: { operational: url, application: url, session: url } } as TestRedisLayers;
    app = await startModules([InventoryModule], { database, redis: layers });
  });

  afterAll(() => app?.close());

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
