// What the stores of a shop say, read past the shop itself.
import pg from 'pg';
import { eventually } from './eventually.js';
import type { Shop } from './shop.js';

/** Runs one query on the shop's database. */
export async function query<Row extends object>(shop: Shop, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: shop.database.url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until nothing is under way: no event in the outbox, no payment attempt without an end. */
export async function atRest(shop: Shop): Promise<void> {
  await eventually(async () => {
    const [left] = await query<{ events: number; attempts: number }>(
      shop,
      `SELECT (SELECT count(*)::int FROM outbox) AS events,
              (SELECT count(*)::int FROM payment_attempts WHERE state IN ('paying', 'authorized', 'voiding', 'placed')) AS attempts`,
    );
    if (left?.events !== 0 || left.attempts !== 0) throw new Error(`not at rest: ${JSON.stringify(left)}`);
  }, 20_000);
}

/**
 * What must hold in PostgreSQL whatever happened: levels are the sum of their movements, each order has allocated just
 * what it contains and is paid by one captured attempt, nothing else holds money.
 */
export async function booksOf(shop: Shop): Promise<{ wrongLevels: number; wrongOrders: number; strayMoney: number }> {
  const [row] = await query<{ wrong_levels: number; wrong_orders: number; stray_money: number }>(
    shop,
    `SELECT
      (SELECT count(*)::int FROM inventory_levels l WHERE on_hand <> (
        SELECT coalesce(sum(quantity), 0) FROM stock_movements m
        WHERE m.variant_id = l.variant_id AND m.location_id = l.location_id)) AS wrong_levels,
      (SELECT count(*)::int FROM orders o WHERE
        (SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE order_id = o.id) <>
        (SELECT coalesce(-sum(quantity), 0) FROM stock_movements WHERE order_id = o.id AND kind = 'allocation')
        OR (SELECT count(*) FROM payment_attempts a JOIN test_provider_payments p ON p.key = a.id::text
            WHERE a.order_id = o.id AND p.state = 'captured' AND p.captured_minor = o.total_minor) <> 1) AS wrong_orders,
      (SELECT count(*)::int FROM test_provider_payments p WHERE p.state IN ('authorized', 'captured') AND NOT EXISTS (
        SELECT 1 FROM payment_attempts a JOIN orders o ON o.id = a.order_id WHERE a.id::text = p.key)) AS stray_money`,
  );
  return { wrongLevels: row!.wrong_levels, wrongOrders: row!.wrong_orders, strayMoney: row!.stray_money };
}

/** Books in which nothing is wrong. */
export const balanced = { wrongLevels: 0, wrongOrders: 0, strayMoney: 0 };
