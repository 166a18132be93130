import { Inject, Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database } from '../../../platform/database/database.js';
import { stripePayments } from './stripe-payments.schema.js';

/** The intent of a payment; `null` when the payment was voided before it had one. */
export type IntentOfPayment = string | null;

/** Which Stripe intent belongs to which payment. The first one written stays. */
@Injectable()
export class StripePaymentsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns undefined when nothing is known of the payment */
  async find(paymentKey: string): Promise<IntentOfPayment | undefined> {
    const [row] = await this.database.orm
      .select()
      .from(stripePayments)
      .where(eq(stripePayments.paymentKey, paymentKey));
    return row?.intentId;
  }

  /** Stores the intent, or `null` for "there will be none". @returns what was stored first */
  async keep(paymentKey: string, intentId: IntentOfPayment): Promise<IntentOfPayment> {
    await this.database.orm.insert(stripePayments).values({ paymentKey, intentId }).onConflictDoNothing();
    const kept = await this.find(paymentKey);
    if (kept === undefined) throw new Error(`The intent of the payment ${paymentKey} was not kept.`);
    return kept;
  }

  async paymentOf(intentId: string): Promise<string | undefined> {
    const [row] = await this.database.orm.select().from(stripePayments).where(eq(stripePayments.intentId, intentId));
    return row?.paymentKey;
  }
}
