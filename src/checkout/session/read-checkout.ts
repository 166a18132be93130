import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../../customers/index.js';
import type { CheckoutSession } from './checkout-session.js';
import { CheckoutSessionStore } from './checkout-session.store.js';
import { requireOwner } from './require-owner.js';

@Injectable()
export class ReadCheckout {
  constructor(@Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore) {}

  /** @throws AppError `not_found`, also for a checkout of somebody else */
  async read(id: string, customer: RequestCustomer | undefined): Promise<CheckoutSession> {
    const session = await this.sessions.getRecent(id);
    requireOwner(session, customer);
    return session;
  }
}
