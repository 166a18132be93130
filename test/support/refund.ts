import { PaymentRefunds } from '../../src/checkout/payments/refunds/payment-refunds.js';
import { Database } from '../../src/platform/database/database.js';
import { shop } from './shop-rig.js';

/** Refunds money of an attempt as a change of its order does: recorded in a transaction, carried out after it. */
export async function refund(attemptId: string, refundKey: string, amountMinor: number) {
  const refunds = shop.app.get(PaymentRefunds, { strict: false });
  const requested = await shop.app
    .get(Database, { strict: false })
    .transaction((tx) => refunds.request(tx, attemptId, refundKey, amountMinor));
  return requested.kind === 'requested' ? refunds.carryOut({ attemptId, refundKey }) : requested;
}
