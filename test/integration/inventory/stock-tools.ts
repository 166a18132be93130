import { randomUUID } from 'node:crypto';
import { DEFAULT_LOCATION_ID } from '../../../src/inventory/locations/locations.js';
import { DEFAULT_PARTITION, keyspace } from '../../../src/platform/keyspace.js';
import type { StockIntakeRow } from '../../../src/platform/stock-intake.js';
import type { StockProcess } from './stock-process.js';

/** What specs do with stock again and again. @param process is asked each time: it starts after the spec is read */
export function stockTools(process: () => StockProcess) {
  const row = (more: Partial<StockIntakeRow> = {}): StockIntakeRow => ({
    variantId: randomUUID(),
    sku: null,
    onHand: 10,
    policy: 'deny',
    tracked: true,
    ...more,
  });

  const receive = (...rows: StockIntakeRow[]) =>
    process().database.transaction((tx) => process().intake.receive(tx, rows, 'delivery'));

  async function stocked(onHand: number, more: Partial<StockIntakeRow> = {}): Promise<string> {
    const given = row({ onHand, ...more });
    await receive(given);
    return given.variantId;
  }

  const reserve = (variantId: string, quantity: number, holdId: string = randomUUID(), ttlMs = 60_000) =>
    process().inventory.reserve({ holdId, lines: [{ variantId, quantity }], ttlMs });

  const allocate = (lines: { variantId: string; quantity: number }[], orderId: string = randomUUID()) =>
    process().database.transaction((tx) => process().inventory.allocate(tx, [{ orderId, lines }]));

  async function query(sql: string, values: unknown[] = []) {
    return (await process().database.pool.query(sql, values)).rows;
  }

  const ledgerOf = async (variantId: string) =>
    (await query('SELECT * FROM stock_movements WHERE variant_id = $1 ORDER BY level_version', [variantId])).map(
      ({ kind, quantity, reason, level_version: version }) => [kind, quantity, reason, Number(version)],
    );

  const levelOf = async (variantId: string) => (await process().inventory.levelsOf([variantId]))[0];
  const availableOf = async (variantId: string) => (await process().inventory.availability([variantId]))[0]?.available;
  const eventsOf = (variantId: string) =>
    query(`SELECT payload FROM outbox WHERE payload->'variantIds' ? $1`, [variantId]);

  const levelKeyOf = (variantId: string) =>
    keyspace.operational.level(DEFAULT_PARTITION, variantId, DEFAULT_LOCATION_ID);
  /** The time that scripts see for a level: its own clock when that is ahead of the server's. */
  const setClock = (variantId: string, nowMs: number) => process().redis.hset(levelKeyOf(variantId), 'c', nowMs);

  return {
    row,
    receive,
    stocked,
    reserve,
    allocate,
    query,
    ledgerOf,
    levelOf,
    availableOf,
    eventsOf,
    levelKeyOf,
    setClock,
  };
}
