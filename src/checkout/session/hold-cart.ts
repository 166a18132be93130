import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { type Cart, CartService } from '../../cart/index.js';
import { InventoryService, type StockLine } from '../../inventory/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { LOGGER, orWarn } from '../../platform/logging.js';
import { outOfStock } from '../checkout-errors.js';

/** Sets the stock of a new checkout aside; the hold has the checkout's id. */
@Injectable()
export class HoldCart {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(CartService) private readonly carts: CartService,
  ) {}

  /** Takes over the hold of a cart: it becomes the checkout's without a gap, and its id the checkout's id. */
  takeOver(cart: Cart): Promise<string | undefined> {
    return this.carts.handOverHold(cart);
  }

  /** Gives back what was taken over for a checkout that could not be opened: the cart no longer knows of it. */
  async giveBack(holdId: string, lines: readonly StockLine[]): Promise<void> {
    const releasing = this.inventory.release(holdId, lines, 'checkout not opened');
    await orWarn(this.logger, releasing, 'the hold of a cart was not given back: it lapses by itself', { holdId });
  }

  /** @returns when the hold ends, ms since the epoch; undefined when it was given back before. @throws AppError `out_of_stock` */
  async hold(holdId: string, lines: readonly StockLine[]): Promise<number | undefined> {
    const ttlMs = this.config.HOLD_TTL_S * 1_000;
    const held =
      this.config.RESERVE_AT === 'cart'
        ? await this.inventory.extend(holdId, { lines, ttlMs, maxTotalMs: this.config.CHECKOUT_TTL_S * 1_000 })
        : await this.inventory.reserve({ holdId, lines, ttlMs });
    switch (held.kind) {
      case 'reserved':
      case 'extended':
      case 'reacquired':
        return held.expiresAtMs;
      case 'short':
      case 'expired':
        throw outOfStock(held.lines);
      case 'resolved':
      case 'conflict':
        return undefined;
    }
  }
}
