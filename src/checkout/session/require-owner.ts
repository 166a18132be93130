import type { RequestCustomer } from '../../customers/index.js';
import { notFound } from '../../platform/errors.js';
import type { CheckoutSession } from './checkout-session.js';

/** A checkout of a customer does not exist for anybody else. @throws AppError `not_found` */
export function requireOwner(session: CheckoutSession, customer: RequestCustomer | undefined): void {
  if (session.customerId !== undefined && session.customerId !== customer?.customerId) throw notFound('This checkout');
}
