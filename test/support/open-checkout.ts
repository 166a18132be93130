import { randomUUID } from 'node:crypto';
import type { Shop } from './shop.js';
import { Shopper } from './shopper.js';
import { type StockedVariant, stockProducts } from './stock.js';

export interface OpenedCheckout {
  readonly variant: StockedVariant;
  readonly cartId: string;
  /** Of the checkout. */
  readonly id: string;
}

/** A checkout of a product of its own, ready to be paid. */
export async function openCheckout(shop: Shop, onHand: number, quantity: number): Promise<OpenedCheckout> {
  const [variant] = await stockProducts(shop, [{ handle: `thing-${randomUUID()}`, onHand }]);
  const shopper = new Shopper(shop.http);
  const cart = await shopper.cart([{ variantId: variant!.variantId, quantity }]);
  const checkout = await shopper.checkout(cart.body.id);
  if (checkout.status !== 201) throw new Error(`The checkout was not opened: ${JSON.stringify(checkout.body)}`);
  return { variant: variant!, cartId: cart.body.id, id: checkout.body.id };
}
