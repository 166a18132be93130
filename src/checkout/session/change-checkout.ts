import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../../customers/index.js';
import { invalidField } from '../../platform/errors.js';
import type { ChangeCheckoutRequest } from '../checkout.dto.js';
import { requireOpen } from '../checkout-errors.js';
import type { CheckoutSession } from './checkout-session.js';
import { CheckoutSessionStore } from './checkout-session.store.js';
import { requireOwner } from './require-owner.js';
import { shippingMethodsOf } from './shipping-methods.js';

/** Addresses, e-mail and shipping of an unpaid checkout. */
@Injectable()
export class ChangeCheckout {
  constructor(@Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore) {}

  /** @throws AppError `not_found`, `checkout_in_progress`, `checkout_closed`, `validation_failed` */
  async change(
    id: string,
    request: ChangeCheckoutRequest,
    customer: RequestCustomer | undefined,
  ): Promise<CheckoutSession> {
    const read = await this.sessions.getRecent(id);
    requireOwner(read, customer);
    return this.sessions.update(read, (current) => {
      requireOpen(current);
      requireShippingMethod(current, request.shippingMethodId);
      return { ...current, ...request };
    });
  }
}

function requireShippingMethod(session: CheckoutSession, methodId: string | undefined): void {
  const methods = shippingMethodsOf(session.quote).map((method) => method.id);
  if (methodId !== undefined && !methods.includes(methodId)) {
    throw invalidField('shippingMethodId', 'unknown_shipping_method', `must be one of: ${methods.join(', ')}`);
  }
}
