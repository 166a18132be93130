import { Inject, Injectable } from '@nestjs/common';
import { InventoryService, type StockLine } from '../../inventory/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import { outOfStock } from '../checkout-errors.js';

/** Sets the stock of a new checkout aside; the hold has the checkout's id. */
@Injectable()
export class HoldCart {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(InventoryService) private readonly inventory: InventoryService,
  ) {}

  /** @returns when the hold ends, ms since the epoch. @throws AppError `out_of_stock`, `cart_changed` */
  async hold(holdId: string, lines: readonly StockLine[]): Promise<number> {
    const reserved = await this.inventory.reserve({ holdId, lines, ttlMs: this.config.HOLD_TTL_S * 1_000 });
    switch (reserved.kind) {
      case 'reserved':
        return reserved.expiresAtMs;
      case 'short':
        throw outOfStock(reserved.lines);
      case 'resolved':
      case 'conflict':
        // Another request has opened a checkout of this cart in between and given this one's hold back.
        throw new AppError('cart_changed', { detail: 'Another request opened a checkout of this cart. Use that one.' });
    }
  }
}
