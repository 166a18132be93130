// Many buyers, little stock, over HTTP: exactly what is there is sold, everybody else gets a clear no.
import { expect, test } from '@jest/globals';
import { shop, useShop } from '../support/shop-rig.js';
import { atRest, balanced, booksOf, query } from '../support/shop-state.js';
import { type CartLine, Shopper } from '../support/shopper.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';

const BUYERS = 200;
const IN_STOCK = 20;

useShop();

async function race(linesOf: (buyer: number) => CartLine[], variants: readonly StockedVariant[]): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: BUYERS }, (_, buyer) => new Shopper(shop.http).buy(linesOf(buyer))),
  );
  const placed = answers.filter((answer) => answer.status === 201);
  const refused = answers.filter((answer) => answer.status === 409 && answer.body.code === 'out_of_stock');
  expect([placed.length, refused.length]).toEqual([IN_STOCK, BUYERS - IN_STOCK]);
  await atRest(shop);
  for (const { variantId } of variants) {
    const { body } = await shop.admin.get('/v1/admin/inventory', { query: { variantId } });
    expect(body).toMatchObject({ postgres: { onHand: 0 }, redis: { onHand: 0, held: 0 }, holds: { count: 0 } });
  }
  expect(await booksOf(shop)).toEqual(balanced);
}

test(`${BUYERS} buyers of one variant with ${IN_STOCK} in stock`, async () => {
  const variants = await stockProducts(shop, [{ handle: 'rare', onHand: IN_STOCK }]);
  await race(() => [{ variantId: variants[0]!.variantId, quantity: 1 }], variants);
});

test(`${BUYERS} buyers of two variants, in opposite order`, async () => {
  const variants = await stockProducts(shop, [
    { handle: 'left', onHand: IN_STOCK },
    { handle: 'right', onHand: IN_STOCK },
  ]);
  const lines = variants.map(({ variantId }) => ({ variantId, quantity: 1 }));
  await race((buyer) => (buyer % 2 === 0 ? lines : [...lines].reverse()), variants);
  const [orders] = await query<{ count: number }>(shop, 'SELECT count(*)::int FROM orders');
  expect(orders?.count).toBe(2 * IN_STOCK);
});
