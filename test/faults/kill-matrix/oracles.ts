// What has to be true in the end, whatever happened. Each oracle names what is wrong; nothing is wrong when none does.
import { booksOf, query, type ShopStores } from '../../support/shop-state.js';
import type { Told } from './buyer.js';

/** @returns a sentence for everything that is wrong */
export async function whatIsWrong(shop: ShopStores, told: readonly Told[]): Promise<string[]> {
  const [books, orders, duplicates, money, stuck] = await Promise.all([
    booksOf(shop),
    query<{ id: string; number: string; checkout_id: string }>(shop, 'SELECT id, number, checkout_id FROM orders'),
    query<{ cart_id: string }>(
      shop,
      'SELECT cart_id FROM orders GROUP BY cart_id HAVING count(*) > 1 OR count(DISTINCT checkout_id) < count(*)',
    ),
    query<{ key: string }>(
      shop,
      `SELECT key FROM test_provider_payments p WHERE captured_minor > 0 AND NOT EXISTS (
         SELECT FROM payment_attempts a JOIN orders o ON o.id = a.order_id WHERE a.id::text = p.key)`,
    ),
    query<{ id: string; state: string }>(
      shop,
      `SELECT id, state FROM payment_attempts WHERE state NOT IN ('captured', 'declined', 'voided')
       UNION ALL SELECT id::text::uuid, 'event ' || event FROM (SELECT gen_random_uuid() AS id, event FROM outbox) AS left_over`,
    ),
  ]);
  const byId = new Map(orders.map((order) => [order.id, order]));
  const byCheckout = new Map(orders.map((order) => [order.checkout_id, order]));
  return [
    ...Object.entries(books).flatMap(([name, count]) => (count === 0 ? [] : [`${name}: ${count}`])),
    ...duplicates.map(({ cart_id }) => `cart ${cart_id} was ordered more than once`),
    ...money.map(({ key }) => `payment ${key} was captured without an order`),
    ...stuck.map(({ id, state }) => `payment ${id} is stuck: ${state}`),
    ...lastTold(told).flatMap((one) => contradiction(one, byId, byCheckout)),
  ];
}

/** What counts is what a buyer was told last: a changed price may be agreed to. */
function lastTold(told: readonly Told[]): Told[] {
  return [...new Map(told.map((one) => [one.checkoutId, one])).values()];
}

function contradiction(
  { checkoutId, answer }: Told,
  byId: ReadonlyMap<string, { readonly number: string }>,
  byCheckout: ReadonlyMap<string, { readonly id: string }>,
): string[] {
  if (answer.status === 201) {
    const order = byId.get(answer.body.id);
    if (!order) return [`order ${answer.body.id} was acknowledged and is not there`];
    return Number(order.number) === answer.body.number
      ? []
      : [`order ${answer.body.id} was acknowledged as number ${answer.body.number} and is ${order.number}`];
  }
  const secretly = byCheckout.get(checkoutId);
  const isAboutTheOrder = ['checkout_closed', 'cart_ordered'].includes(answer.body.code);
  return secretly && !isAboutTheOrder
    ? [`checkout ${checkoutId} was refused (${answer.status} ${answer.body.code}) and has order ${secretly.id}`]
    : [];
}
