import { Inject, Injectable } from '@nestjs/common';
import { InventoryService } from '../../inventory/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { keyspace } from '../../platform/keyspace.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import { inProgress } from '../checkout-errors.js';
import { CancelCheckout } from './cancel-checkout.js';
import type { CheckoutSession } from './checkout-session.js';
import { CheckoutSessionStore } from './checkout-session.store.js';
import { isPaying } from './transitions.js';

/**
 * A cart has one open checkout: a new one replaces the previous one and gives its hold back, so that a customer who goes
 * back and forth does not hold the same stock twice. (PostgreSQL makes sure that a cart is ordered once.)
 */
@Injectable()
export class SupersedeCheckout {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RedisLayers) private readonly redis: RedisLayers,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
    @Inject(CancelCheckout) private readonly cancelCheckout: CancelCheckout,
    @Inject(InventoryService) private readonly inventory: InventoryService,
  ) {}

  /** @throws AppError `checkout_in_progress` when the previous one is being paid */
  async ofCart(
    cartId: string,
    newCheckoutId: string,
    lines: readonly { variantId: string; quantity: number }[],
  ): Promise<void> {
    const previous = await this.redis.watch('operational').orElse(
      () => this.replaceInRedis(cartId, newCheckoutId),
      () => this.liveInPostgres(cartId),
    );
    for (const id of previous) {
      const session = await this.cancelCheckout.cancelIfOpen(id);
      // The other request has not stored its session yet: its hold is marked as released, so that it cannot be taken later.
      if (!session) await this.inventory.release(id, lines, 'checkout superseded');
    }
  }

  private async replaceInRedis(cartId: string, newCheckoutId: string): Promise<readonly string[]> {
    const client = this.redis.client('operational');
    const key = keyspace.operational.checkoutOfCart(cartId);
    // Most carts have no checkout yet: then this one command reads and writes.
    const found = await client.set(key, newCheckoutId, 'EX', this.config.CHECKOUT_TTL_S, 'NX', 'GET');
    if (found === null) return [];
    const session = await this.sessions.findCurrent(found);
    if (session) await this.requireNotPaying(session);
    const previous = await client.set(key, newCheckoutId, 'EX', this.config.CHECKOUT_TTL_S, 'GET');
    return previous === null ? [] : [previous];
  }

  private async liveInPostgres(cartId: string): Promise<readonly string[]> {
    const sessions = await this.sessions.liveOfCart(cartId);
    for (const session of sessions) await this.requireNotPaying(session);
    return sessions.map(({ id }) => id);
  }

  private async requireNotPaying(session: CheckoutSession): Promise<void> {
    if (isPaying((await this.cancelCheckout.reopened(session)).state))
      throw inProgress('This cart is being paid by another checkout.');
  }
}
