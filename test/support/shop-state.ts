// What the stores of a shop say, read past the shop itself.
import pg from 'pg';
import { eventually } from './eventually.js';

/** As much of a shop as its books need. */
export interface ShopStores {
  readonly database: { readonly url: string };
}

/** Runs one query on the shop's database. */
export async function query<Row extends object>(shop: ShopStores, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: shop.database.url });
  // A server that stops breaks its connections, also while nobody waits for an answer.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until nothing is under way: no event in the outbox, no payment attempt without an end. */
export async function atRest(shop: ShopStores): Promise<void> {
  await eventually(async () => {
    const [left] = await query<{ events: number; attempts: number }>(
      shop,
      `SELECT (SELECT count(*)::int FROM outbox) AS events,
              (SELECT count(*)::int FROM payment_attempts WHERE state IN ('paying', 'authorized', 'voiding', 'placed')) AS attempts`,
    );
    if (left?.events !== 0 || left.attempts !== 0) throw new Error(`not at rest: ${JSON.stringify(left)}`);
  }, 30_000);
}

/**
 * What must hold in PostgreSQL whatever happened: levels are the sum of their movements; each order has allocated
 * exactly what it contains; one payment holds its total less refunds, or nothing once it is cancelled; no money is held
 * without an order.
 */
export async function booksOf(
  shop: ShopStores,
): Promise<{ wrongLevels: number; wrongOrders: number; strayMoney: number }> {
  const [row] = await query<{ wrong_levels: number; wrong_orders: number; stray_money: number }>(
    shop,
    `WITH money AS (
      SELECT p.key, a.order_id, p.state, CASE p.state WHEN 'authorized' THEN p.amount_minor ELSE p.captured_minor END
        - (SELECT coalesce(sum(amount_minor), 0) FROM test_provider_refunds r WHERE r.payment_key = p.key) AS held_minor
      FROM test_provider_payments p LEFT JOIN payment_attempts a ON a.id::text = p.key
      WHERE p.state IN ('authorized', 'captured')
    ), due AS (
      SELECT o.id, CASE o.state WHEN 'cancelled' THEN 0 ELSE o.total_minor - (
        SELECT coalesce(sum(r.amount_minor), 0) FROM order_refunds r
        JOIN payment_refunds p ON p.attempt_id = r.attempt_id AND p.refund_key = r.id::text AND p.state = 'refunded'
        WHERE r.order_id = o.id) END AS minor FROM orders o
    ) SELECT
      (SELECT count(*)::int FROM inventory_levels l WHERE on_hand <> (
        SELECT coalesce(sum(quantity), 0) FROM stock_movements m
        WHERE m.variant_id = l.variant_id AND m.location_id = l.location_id)) AS wrong_levels,
      (SELECT count(*)::int FROM due WHERE
        (SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE order_id = due.id) <>
        (SELECT coalesce(-sum(quantity), 0) FROM stock_movements WHERE order_id = due.id AND kind = 'allocation')
        OR due.minor <> (SELECT coalesce(sum(held_minor), 0) FROM money WHERE order_id = due.id)
        OR (SELECT count(*) FROM money WHERE order_id = due.id AND held_minor > 0) > 1) AS wrong_orders,
      (SELECT count(*)::int FROM money WHERE held_minor > 0 AND NOT EXISTS (
        SELECT FROM due WHERE due.id = money.order_id)) AS stray_money`,
  );
  return { wrongLevels: row!.wrong_levels, wrongOrders: row!.wrong_orders, strayMoney: row!.stray_money };
}

/** Books in which nothing is wrong. */
export const balanced = { wrongLevels: 0, wrongOrders: 0, strayMoney: 0 };
