import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../../customers/index.js';
import { InventoryService } from '../../inventory/index.js';
import { requireOpen } from '../checkout-errors.js';
import { PayAttempt } from '../placing/pay-attempt.js';
import type { CheckoutSession } from './checkout-session.js';
import { CheckoutSessionStore } from './checkout-session.store.js';
import { requireOwner } from './require-owner.js';
import { isOpen, isPaying } from './transitions.js';

/** Ends an unpaid checkout and gives its hold back. */
@Injectable()
export class CancelCheckout {
  constructor(
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(PayAttempt) private readonly payAttempt: PayAttempt,
  ) {}

  /** Repeating it changes nothing. @throws AppError `not_found`, `checkout_in_progress`, `checkout_closed` */
  async cancel(id: string, customer: RequestCustomer | undefined): Promise<CheckoutSession> {
    const read = await this.sessions.getRecent(id);
    requireOwner(read, customer);
    const session = await this.reopened(read);
    return session.state === 'cancelled' ? this.giveBack(session) : this.end(session);
  }

  /** @returns the session, or undefined when there is none with this id */
  async cancelIfOpen(id: string): Promise<CheckoutSession | undefined> {
    const session = await this.sessions.findCurrent(id);
    return session && isOpen(session.state) ? this.end(session) : session;
  }

  /** The session, after giving up its payment if that waits for its customer; any other payment is left alone. */
  async reopened(session: CheckoutSession): Promise<CheckoutSession> {
    if (!isPaying(session.state)) return session;
    await this.payAttempt.giveUpWaiting(session.id);
    return this.sessions.getCurrent(session.id);
  }

  private async end(session: CheckoutSession): Promise<CheckoutSession> {
    const cancelled = await this.sessions.update(session, (current) => {
      requireOpen(current);
      return { ...current, state: 'cancelled' };
    });
    return this.giveBack(cancelled);
  }

  private async giveBack(session: CheckoutSession): Promise<CheckoutSession> {
    await this.inventory.release(session.id, session.quote.lines, 'checkout cancelled');
    return session;
  }
}
