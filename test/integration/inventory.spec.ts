import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InventoryModule } from '../../src/inventory/index.js';
import { DEFAULT_LOCATION_ID } from '../../src/inventory/locations.js';
import { pgFailure } from '../../src/platform/database/database.js';
import { DEFAULT_PARTITION, keyspace } from '../../src/platform/keyspace.js';
import type { StockIntakeRow } from '../../src/platform/stock-intake.js';
import { eventually } from '../support/eventually.js';
import { type ModuleApp, startModules } from '../support/module-app.js';
import { createRandom } from '../support/random.js';
import { startRedis, type TestRedis, type TestRedisLayers } from '../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type StockProcess, startStockProcess } from './inventory/stock-process.js';

let database: TestDatabase;
let redis: TestRedis;
let shop: StockProcess;
let other: StockProcess;

const servers = () => ({ databaseUrl: database.url, redisUrl: redis.url });

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedis({ aof: true })]);
  shop = await startStockProcess(servers());
  other = await startStockProcess(servers());
});

afterAll(async () => {
  await Promise.all([shop?.close(), other?.close()]);
  await Promise.all([redis?.remove(), database?.drop()]);
});

const row = (more: Partial<StockIntakeRow> = {}): StockIntakeRow => ({
  variantId: randomUUID(),
  sku: null,
  onHand: 10,
  policy: 'deny',
  tracked: true,
  ...more,
});

const receive = (...rows: StockIntakeRow[]) =>
  shop.database.transaction((tx) => shop.intake.receive(tx, rows, 'delivery'));

async function stocked(onHand: number, more: Partial<StockIntakeRow> = {}): Promise<string> {
  const given = row({ onHand, ...more });
  await receive(given);
  return given.variantId;
}

const reserve = (variantId: string, quantity: number, holdId: string = randomUUID(), ttlMs = 60_000) =>
  shop.inventory.reserve({ holdId, lines: [{ variantId, quantity }], ttlMs });

const allocate = (lines: { variantId: string; quantity: number }[], orderId: string = randomUUID()) =>
  shop.database.transaction((tx) => shop.inventory.allocate(tx, orderId, lines));

async function query(sql: string, values: unknown[] = []) {
  return (await shop.database.pool.query(sql, values)).rows;
}

const ledgerOf = async (variantId: string) =>
  (await query('SELECT * FROM stock_movements WHERE variant_id = $1 ORDER BY level_version', [variantId])).map(
    ({ kind, quantity, reason, level_version: version }) => [kind, quantity, reason, Number(version)],
  );

const levelOf = async (variantId: string) => (await shop.inventory.levelsOf([variantId]))[0];
const availableOf = async (variantId: string) => (await shop.inventory.availability([variantId]))[0]?.available;
const eventsOf = (variantId: string) =>
  query(`SELECT payload FROM outbox WHERE payload->>'variantId' = $1`, [variantId]);

const levelKeyOf = (variantId: string) => keyspace.operational.level(DEFAULT_PARTITION, variantId, DEFAULT_LOCATION_ID);
/** The time that scripts see for a level: its own clock when that is ahead of the server's. */
const setClock = (variantId: string, nowMs: number) => shop.redis.hset(levelKeyOf(variantId), 'c', nowMs);

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
    expect((await eventsOf(given.variantId))[0].payload).toMatchObject({ version: 2 });
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
    expect(await shop.administration.variantIdOf({ sku: 'MOVES-2' })).toBe(a.variantId);
    await expect(shop.administration.variantIdOf({ sku: 'MOVES-1' })).rejects.toMatchObject({ code: 'not_found' });
    await receive({ ...a, sku: 'MOVES-1' }, { ...b, sku: 'MOVES-2' });
    await receive({ ...a, sku: 'MOVES-2' }, { ...b, sku: 'MOVES-1' });
    expect(await shop.administration.variantIdOf({ sku: 'MOVES-1' })).toBe(b.variantId);
    expect(await levelOf(a.variantId)).toMatchObject({ version: 1 });
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

describe('holds', () => {
  test('end by themselves', async () => {
    const variantId = await stocked(3);
    expect(await reserve(variantId, 3, randomUUID(), 1_000)).toMatchObject({ kind: 'reserved' });
    expect(await reserve(variantId, 1)).toMatchObject({ kind: 'short', lines: [{ available: 0 }] });
    await eventually(async () => expect(await availableOf(variantId)).toBe(3));
    expect(await reserve(variantId, 1)).toMatchObject({ kind: 'reserved' });
  });

  test('tell a shopper when they end', async () => {
    const variantId = await stocked(3);
    const before = Date.now();
    const held = await reserve(variantId, 1, randomUUID(), 10_000);
    const expiresAtMs = held.kind === 'reserved' ? held.expiresAtMs : 0;
    expect(expiresAtMs).toBeGreaterThanOrEqual(before + 9_000);
    expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + 11_000);
  });

  test('what was found expired stays so when the clock of the server is set back', async () => {
    const variantId = await stocked(5);
    const holdId = randomUUID();
    await reserve(variantId, 5, holdId, 60_000);
    // The same as a server whose clock was ahead when it swept, and then was set right.
    await setClock(variantId, Date.now() + 120_000);
    expect(await availableOf(variantId)).toBe(5);
    expect(await reserve(variantId, 5)).toMatchObject({ kind: 'reserved' });
    expect(await reserve(variantId, 5, holdId)).toMatchObject({ kind: 'short' });
  });

  test('more than a thousand end at once', async () => {
    const variantId = await stocked(5_000);
    await Promise.all(Array.from({ length: 2_500 }, () => reserve(variantId, 1)));
    expect(await availableOf(variantId)).toBe(2_500);
    await setClock(variantId, Date.now() + 120_000);
    expect(await availableOf(variantId)).toBe(5_000);
    expect((await shop.inspection.inspect(variantId)).holds).toEqual({ count: 0, quantity: 0, items: [] });
  });

  test('are given back whatever lines the caller believes in', async () => {
    const [a, b] = [await stocked(1), await stocked(1)];
    const holdId = randomUUID();
    await reserve(a, 1, holdId);
    expect(await shop.inventory.release(holdId, [{ variantId: b, quantity: 1 }], 'cancelled | by hand')).toEqual({
      kind: 'released',
    });
    expect(await availableOf(a)).toBe(1);
    expect(await reserve(a, 1, holdId)).toEqual({ kind: 'resolved' });
  });

  test('many buyers want the last ones: so many get them', async () => {
    const [a, b] = [await stocked(20), await stocked(20)];
    const both = [
      { variantId: a, quantity: 1 },
      { variantId: b, quantity: 1 },
    ];
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        (i % 3 === 0 ? other : shop).inventory.reserve({
          holdId: randomUUID(),
          lines: i % 2 === 0 ? both : both.toReversed(),
          ttlMs: 60_000,
        }),
      ),
    );
    expect(results.filter(({ kind }) => kind === 'reserved')).toHaveLength(20);
    expect(results.filter(({ kind }) => kind === 'short')).toHaveLength(80);
  });

  test('become orders: Redis follows PostgreSQL, also when the message comes twice and late', async () => {
    const variantId = await stocked(10);
    const [first, second] = [randomUUID(), randomUUID()];
    const [firstOrder, secondOrder] = [randomUUID(), randomUUID()];
    await reserve(variantId, 2, first);
    await reserve(variantId, 3, second);
    await allocate([{ variantId, quantity: 2 }], firstOrder);
    await allocate([{ variantId, quantity: 3 }], secondOrder);
    for (const [orderId, holdId] of [
      [secondOrder, second],
      [firstOrder, first],
      [secondOrder, second],
    ] as const) {
      await other.inventory.commitOrder(orderId, holdId);
    }
    const { postgres, redis: mirrored, holds } = await shop.inspection.inspect(variantId);
    expect(mirrored).toMatchObject({ onHand: 5, held: 0, version: postgres.version });
    expect(holds.count).toBe(0);
    expect(await reserve(variantId, 1, first)).toEqual({ kind: 'resolved' });
  });
});

describe('what Redis can do to us', () => {
  test('FLUSHALL: two processes notice at once, the epoch goes up once, a payment takes its stock again', async () => {
    const variantId = await stocked(4);
    const lines = [{ variantId, quantity: 4 }];
    const holdId = randomUUID();
    await shop.inventory.reserve({ holdId, lines, ttlMs: 60_000 });
    const epoch = await shop.epoch.verify();
    await shop.redis.flushall();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? shop : other).inventory.extend(holdId, { lines, ttlMs: 60_000, maxTotalMs: 600_000 }),
      ),
    );
    expect(results.filter(({ kind }) => kind === 'reacquired')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'extended')).toHaveLength(19);
    expect(await other.epoch.verify()).toBe(epoch + 1);
    expect(await availableOf(variantId)).toBe(0);
  });

  test('kill -9 and an old append-only file: levels are void, holds live on until they end', async () => {
    const variantId = await stocked(10);
    await reserve(variantId, 4);
    const epoch = await shop.epoch.verify();
    await sleep(1_100); // what was written a second ago is on disk
    await redis.kill9();
    await expect(reserve(variantId, 1)).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    // Sold meanwhile, and nobody could tell Redis.
    await allocate([{ variantId, quantity: 5 }]);
    expect(await availableOf(variantId)).toBe(5);
    await redis.start();
    await eventually(async () => expect(await reserve(variantId, 2)).toMatchObject({ kind: 'short' }));
    expect(await reserve(variantId, 1)).toMatchObject({ kind: 'reserved' });
    await eventually(async () => expect(await other.epoch.current()).toBe(epoch + 1));
  });

  test('PostgreSQL comes back from a backup: its versions count, not the newer ones in Redis', async () => {
    const variantId = await stocked(10);
    await allocate([{ variantId, quantity: 6 }]);
    expect(await availableOf(variantId)).toBe(4);
    await query('UPDATE inventory_levels SET on_hand = 10, version = 1 WHERE variant_id = $1', [variantId]);
    expect(await shop.reconciliation.reconcile()).toMatchObject({
      differing: 1,
      epochRaised: true,
      differences: [{ kind: 'wrong', postgres: { onHand: 10, version: 1 }, redis: { onHand: 4, version: 2 } }],
    });
    expect(await availableOf(variantId)).toBe(10);
    await query('UPDATE inventory_epochs SET epoch = epoch - 1');
    const before = (await query('SELECT epoch FROM inventory_epochs'))[0].epoch;
    expect(await shop.epoch.verify()).toBe(Number(before) + 2);
  });

  test('a level somebody wrote by hand is found and repaired', async () => {
    const variantId = await stocked(3);
    await availableOf(variantId);
    await shop.redis.hset(levelKeyOf(variantId), 'n', 99);
    expect(await shop.reconciliation.reconcile()).toMatchObject({ differing: 1, epochRaised: true });
    expect(await availableOf(variantId)).toBe(3);
    expect(await shop.reconciliation.reconcile()).toMatchObject({ differing: 0, epochRaised: false });
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
