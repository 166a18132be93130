// The whole shop for the specs of a file, opened before its tests and closed after them.
import { afterAll, beforeAll } from '@jest/globals';
import type { Environment } from '../../src/platform/config.js';
import { openCheckout } from './open-checkout.js';
import { type Shop, startShop } from './shop.js';
import { Shopper } from './shopper.js';

export let shop: Shop;
/** Somebody who buys there without an account. */
export let shopper: Shopper;

/** @param env settings beside those of the servers; a function is asked for them when the shop starts */
export function useShop(env: Environment | (() => Environment) = {}): void {
  beforeAll(async () => {
    shop = await startShop(typeof env === 'function' ? env() : env);
    shopper = new Shopper(shop.http);
  });
  afterAll(() => shop?.close());
}

/** A checkout in that shop, of a product of its own, ready to be paid. */
export const open = (onHand = 5, quantity = 1) => openCheckout(shop, onHand, quantity);
