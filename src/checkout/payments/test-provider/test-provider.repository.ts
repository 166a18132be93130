// The `test` provider: it behaves like somebody else's server, with its own books that survive any crash of the shop. It
// never takes part in a transaction of the shop.
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import { Clock } from '../../../platform/clock.js';
import { CONFIG, type Config } from '../../../platform/config.js';
import { Database } from '../../../platform/database/database.js';
import { SharedStatement } from '../../../platform/database/shared-statement.js';
import { Statement } from '../../../platform/database/statement.js';
import type {
  Charge,
  PaymentKey,
  PaymentProvider,
  PaymentStatus,
  Refund,
  RefundStatus,
  WebhookHeaders,
  WebhookReading,
} from '../payment-provider.js';
import { testProviderPayments, testProviderRefunds } from './test-provider.schema.js';
import { readTestWebhook } from './test-webhook.js';

const TOKENS = ['tok_ok', 'tok_declined', 'tok_error', 'tok_timeout_then_ok', 'tok_slow'];
const SLOW_MS = 3_000;
const NEVER_MS = 600_000;

// Many shoppers pay at the same moment, and this provider shares a database with the shop: payments that come together are
// booked together. One that is known already is booked alone.
const authorizeAll = new Statement<{ key: string }>(
  'test_provider_authorize',
  `INSERT INTO test_provider_payments (key, state, amount_minor, currency)
   SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) ON CONFLICT DO NOTHING RETURNING key`,
);
const captureAll = new Statement<{ key: string }>(
  'test_provider_capture',
  `WITH locked AS MATERIALIZED (
     SELECT p.key, w.amount_minor FROM unnest($1::text[], $2::bigint[]) AS w (key, amount_minor)
     CROSS JOIN LATERAL (
       SELECT t.key, t.state FROM test_provider_payments t WHERE t.key = w.key FOR UPDATE SKIP LOCKED
     ) p WHERE p.state = 'authorized'
   )
   UPDATE test_provider_payments p SET state = 'captured', captured_minor = locked.amount_minor
   FROM locked WHERE p.key = locked.key RETURNING p.key`,
);

type NewPayment = Pick<Payment, 'key' | 'state' | 'amountMinor' | 'currency'>;
type Payment = typeof testProviderPayments.$inferSelect;

@Injectable()
export class TestProviderRepository implements PaymentProvider {
  readonly name = 'test';
  readonly captures = 'when_placed';
  readonly tokens = TOKENS;
  private readonly authorizations = new SharedStatement<NewPayment, PaymentStatus>(
    async (payments) => {
      const rows = await authorizeAll.rows(this.database.orm, [
        payments.map(({ key }) => key),
        payments.map(({ state }) => state),
        payments.map(({ amountMinor }) => amountMinor),
        payments.map(({ currency }) => currency),
      ]);
      const booked = new Set(rows.map(({ key }) => key));
      return payments.map((payment) => (booked.has(payment.key) ? statusOf(payment, 0) : undefined));
    },
    (payment) => this.authorizeAlone(payment),
  );
  private readonly capturings = new SharedStatement<Pick<Payment, 'key' | 'amountMinor'>, PaymentStatus>(
    async (payments) => {
      const rows = await captureAll.rows(this.database.orm, [
        payments.map(({ key }) => key),
        payments.map(({ amountMinor }) => amountMinor),
      ]);
      const booked = new Set(rows.map(({ key }) => key));
      return payments.map(({ key }) => (booked.has(key) ? statusOf({ key, state: 'captured' }, 0) : undefined));
    },
    ({ key, amountMinor }) => this.captureAlone(key, amountMinor),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Database) private readonly database: Database,
  ) {}

  accepts(token: string): boolean {
    return TOKENS.includes(token);
  }

  async authorize(charge: Charge, signal: AbortSignal): Promise<PaymentStatus> {
    if (charge.token === 'tok_error') throw new Error('The test provider answered 500.');
    if (charge.token === 'tok_slow') await sleep(SLOW_MS, undefined, { signal });
    const { key, amountMinor, currency } = charge;
    const state = charge.token === 'tok_declined' ? 'declined' : 'authorized';
    const status = await this.authorizations.run({ key, state, amountMinor, currency });
    if (charge.token === 'tok_timeout_then_ok') await sleep(NEVER_MS, undefined, { signal });
    return status;
  }

  capture(key: PaymentKey, amountMinor: number): Promise<PaymentStatus> {
    return this.capturings.run({ key, amountMinor });
  }

  private async authorizeAlone(payment: NewPayment): Promise<PaymentStatus> {
    await this.database.orm.insert(testProviderPayments).values(payment).onConflictDoNothing();
    return this.fetch(payment.key);
  }

  private async captureAlone(key: PaymentKey, amountMinor: number): Promise<PaymentStatus> {
    await this.database.orm
      .update(testProviderPayments)
      .set({ state: 'captured', capturedMinor: amountMinor })
      .where(and(eq(testProviderPayments.key, key), eq(testProviderPayments.state, 'authorized')));
    return this.fetch(key);
  }

  async void(key: PaymentKey): Promise<PaymentStatus> {
    await this.database.orm
      .insert(testProviderPayments)
      .values({ key, state: 'voided', amountMinor: 0, currency: '' })
      .onConflictDoUpdate({
        target: testProviderPayments.key,
        set: { state: 'voided' },
        setWhere: eq(testProviderPayments.state, 'authorized'),
      });
    return this.fetch(key);
  }

  async refund({ key, refundKey, amountMinor }: Refund): Promise<RefundStatus> {
    return this.database.transaction(async (tx) => {
      const [payment] = await tx
        .select()
        .from(testProviderPayments)
        .where(eq(testProviderPayments.key, key))
        .for('update');
      const refunds = await tx.select().from(testProviderRefunds).where(eq(testProviderRefunds.paymentKey, key));
      if (refunds.some((refund) => refund.refundKey === refundKey)) return { kind: 'refunded' };
      const leftMinor = (payment?.capturedMinor ?? 0) - sumOf(refunds);
      if (amountMinor > leftMinor) return { kind: 'refused', reason: 'More than was captured and not refunded yet.' };
      await tx.insert(testProviderRefunds).values({ paymentKey: key, refundKey, amountMinor });
      return { kind: 'refunded' };
    });
  }

  async fetch(key: PaymentKey): Promise<PaymentStatus> {
    const [found] = await this.database.orm
      .select({
        payment: testProviderPayments,
        refundedMinor: sql<number>`(
          SELECT coalesce(sum(${testProviderRefunds.amountMinor}), 0)::float8 FROM ${testProviderRefunds}
          WHERE ${testProviderRefunds.paymentKey} = ${testProviderPayments.key})`,
      })
      .from(testProviderPayments)
      .where(eq(testProviderPayments.key, key));
    return found ? statusOf(found.payment, found.refundedMinor) : { kind: 'none' };
  }

  async readWebhook(body: Buffer, headers: WebhookHeaders): Promise<WebhookReading> {
    return readTestWebhook(body, headers, this.config.TEST_PROVIDER_WEBHOOK_SECRET, this.clock.nowMs());
  }
}

function statusOf({ state, key }: Pick<Payment, 'state' | 'key'>, refundedMinor: number): PaymentStatus {
  const reference = `test_${key}`;
  switch (state) {
    case 'declined':
      return { kind: 'declined', reason: 'The card was declined by its bank.' };
    case 'voided':
      return { kind: 'voided' };
    case 'authorized':
      return { kind: 'authorized', reference };
    case 'captured':
      return { kind: 'captured', reference, refundedMinor };
  }
}

function sumOf(refunds: readonly { readonly amountMinor: number }[]): number {
  return refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}
