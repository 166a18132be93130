import { Inject, Injectable } from '@nestjs/common';
import type { OverLimit } from '../../cart/index.js';
import type { StockLine } from '../../inventory/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { PurchasesRepository } from './purchases.repository.js';

/** An order. A guest has no account to count by: only customers are limited over all their orders. */
export interface Purchase {
  readonly customerId: string | undefined;
  readonly lines: readonly StockLine[];
}

/** The most of one variant that one customer may buy in all orders together. */
@Injectable()
export class PurchaseLimit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PurchasesRepository) private readonly purchases: PurchasesRepository,
  ) {}

  /** The lines that exceed the limit now, counting the orders placed so far. */
  async exceededBy(purchase: Purchase): Promise<readonly OverLimit[]> {
    return this.exceeded([purchase]);
  }

  /** The same in the transaction that places the orders: no other places orders of these customers until it ends. */
  async exceededInTransaction(tx: Tx, purchases: readonly Purchase[]): Promise<readonly OverLimit[]> {
    return this.exceeded(purchases, tx);
  }

  private async exceeded(purchases: readonly Purchase[], tx?: Tx): Promise<readonly OverLimit[]> {
    const limit = this.config.MAX_QUANTITY_PER_CUSTOMER;
    const wanted = purchases.flatMap(({ customerId, lines }) =>
      customerId === undefined ? [] : lines.map((line) => ({ customerId, ...line })),
    );
    if (limit === undefined || wanted.length === 0) return [];
    const customerIds = [...new Set(wanted.map(({ customerId }) => customerId))];
    if (tx) await this.purchases.lock(tx, customerIds);
    const earlier = await this.purchases.unitsOf(
      customerIds,
      [...new Set(wanted.map(({ variantId }) => variantId))],
      tx,
    );
    const units = new Map(earlier.map((one) => [keyOf(one), one.units]));
    return wanted.flatMap((line) => {
      const { variantId, quantity: requested } = line;
      const bought = units.get(keyOf(line)) ?? 0;
      const left = Math.max(0, limit - bought);
      units.set(keyOf(line), bought + requested);
      return requested > left ? [{ variantId, requested, limit: left, bought, customerLimit: limit }] : [];
    });
  }
}

const keyOf = ({ customerId, variantId }: { customerId: string; variantId: string }) => `${customerId}:${variantId}`;
