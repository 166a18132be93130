// Payments through Stripe: one PaymentIntent for each payment, captured by hand. It is created first, which takes no money,
// then its id is stored, and only then is it confirmed. So a lost answer can be asked for by id, and a void leaves nothing
// to confirm.
import Stripe from 'stripe';
import { z } from 'zod';
import type {
  Charge,
  PaymentKey,
  PaymentProvider,
  PaymentStatus,
  Refund,
  RefundStatus,
  SinceCapture,
  WebhookHeaders,
  WebhookReading,
} from '../payment-provider.js';
import { toStripeAmount } from './stripe-amount.js';
import type { StripePaymentsRepository } from './stripe-payments.repository.js';
import { doneBy, replyOf } from './stripe-reply.js';
import { refundStatusOf, toProviderDispute, toProviderRefund } from './stripe-since-capture.js';
import { statusOf } from './stripe-status.js';

/** More than anybody gives back of one payment. */
const MAX_REFUNDS = 1_000;
const WITH_CHARGE = { expand: ['latest_charge'] };
/** An intent, or something that belongs to one: a charge, a refund, a dispute. */
const aboutIntent = z.object({ object: z.string(), id: z.string(), payment_intent: z.string().nullish() });

export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  readonly captures = 'when_placed';

  constructor(
    private readonly stripe: Stripe,
    private readonly webhookSecret: string,
    private readonly payments: StripePaymentsRepository,
  ) {}

  accepts(token: string): boolean {
    return /^pm_\w{1,200}$/.test(token);
  }

  async authorize(charge: Charge, signal: AbortSignal): Promise<PaymentStatus> {
    const amount = toStripeAmount(charge.amountMinor, charge.currency);
    if (amount === undefined) {
      return { kind: 'declined', reason: `Stripe cannot take this amount of ${charge.currency} exactly.` };
    }
    const created = await this.create(charge, amount, signal);
    if (created.kind === 'refused') return { kind: 'declined', reason: created.reason, code: created.code };
    const intentId = await this.payments.keep(charge.key, created.value.id);
    if (intentId === null) return { kind: 'voided' };
    return this.confirm(charge, intentId, signal);
  }

  async capture(key: PaymentKey, amountMinor: number, signal: AbortSignal): Promise<PaymentStatus> {
    const intent = await this.intentOf(key, signal);
    if (intent?.status !== 'requires_capture') return intent ? statusOf(intent) : { kind: 'none' };
    const amount = toStripeAmount(amountMinor, intent.currency.toUpperCase());
    if (amount === undefined) throw new Error(`Stripe cannot take ${amountMinor} ${intent.currency} exactly.`);
    // Without an idempotency key: an intent is captured once by its state, and Stripe repeats even a 500 for the same key
    // for a day.
    const params = { amount_to_capture: amount, ...WITH_CHARGE };
    const captured = await replyOf(signal, () => this.stripe.paymentIntents.capture(intent.id, params));
    return captured.kind === 'done' ? statusOf(captured.value) : this.fetch(key, signal);
  }

  async void(key: PaymentKey, signal: AbortSignal): Promise<PaymentStatus> {
    const intentId = await this.payments.keep(key, null);
    if (intentId === null) return { kind: 'voided' };
    // Without an idempotency key, as in `capture`.
    const canceled = await replyOf(signal, () => this.stripe.paymentIntents.cancel(intentId, WITH_CHARGE));
    return canceled.kind === 'done' ? statusOf(canceled.value) : this.fetch(key, signal);
  }

  async refund({ key, refundKey, amountMinor }: Refund, signal: AbortSignal): Promise<RefundStatus> {
    const intent = await this.intentOf(key, signal);
    if (!intent) return { kind: 'refused', reason: 'Stripe knows of no such payment.' };
    const amount = toStripeAmount(amountMinor, intent.currency.toUpperCase());
    if (amount === undefined) return { kind: 'refused', reason: `Stripe cannot refund this amount exactly.` };
    // Stripe forgets an idempotency key after a day, but not the refund itself.
    const made = await this.refundsOf(intent.id, signal);
    const earlier = made.find((refund) => refund.metadata?.refundKey === refundKey);
    if (earlier) return refundStatusOf(earlier);
    const refunded = await replyOf(signal, () =>
      this.stripe.refunds.create(
        { payment_intent: intent.id, amount, metadata: { refundKey } },
        { idempotencyKey: `${key}:refund:${refundKey}` },
      ),
    );
    return refunded.kind === 'done' ? refundStatusOf(refunded.value) : { kind: 'refused', reason: refunded.reason };
  }

  async fetch(key: PaymentKey, signal: AbortSignal): Promise<PaymentStatus> {
    const intent = await this.intentOf(key, signal);
    return intent ? statusOf(intent) : { kind: 'none' };
  }

  async sinceCapture(key: PaymentKey, signal: AbortSignal): Promise<SinceCapture> {
    const intentId = await this.payments.find(key);
    if (!intentId) return { refunds: [], disputes: [] };
    const about = { payment_intent: intentId, limit: 100 };
    const [refunds, disputes] = await Promise.all([
      this.refundsOf(intentId, signal),
      doneBy(signal, () => this.stripe.disputes.list(about).autoPagingToArray({ limit: MAX_REFUNDS })),
    ]);
    return { refunds: refunds.map(toProviderRefund), disputes: disputes.map(toProviderDispute) };
  }

  async readWebhook(body: Buffer, headers: WebhookHeaders): Promise<WebhookReading> {
    const signature = headers['stripe-signature'];
    try {
      const event = this.stripe.webhooks.constructEvent(body, signature ?? '', this.webhookSecret);
      const about = aboutIntent.safeParse(event.data.object).data;
      const intentId = about?.object === 'payment_intent' ? about.id : about?.payment_intent;
      const payment = intentId ? await this.payments.paymentOf(intentId) : undefined;
      return { kind: 'event', id: event.id, payment };
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError || error instanceof SyntaxError) {
        return { kind: 'refused', reason: 'The header stripe-signature is missing, too old or not of this body.' };
      }
      throw error;
    }
  }

  private refundsOf(intentId: string, signal: AbortSignal): Promise<Stripe.Refund[]> {
    const pages = this.stripe.refunds.list({ payment_intent: intentId, limit: 100 });
    return doneBy(signal, () => pages.autoPagingToArray({ limit: MAX_REFUNDS }));
  }

  private async create(charge: Charge, amount: number, signal: AbortSignal) {
    return replyOf(signal, () =>
      this.stripe.paymentIntents.create(
        {
          amount,
          currency: charge.currency.toLowerCase(),
          capture_method: 'manual',
          automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
          metadata: { payment: charge.key },
        },
        { idempotencyKey: `${charge.key}:create` },
      ),
    );
  }

  private async confirm({ key, token }: Charge, intentId: string, signal: AbortSignal): Promise<PaymentStatus> {
    const confirmed = await replyOf(signal, () =>
      this.stripe.paymentIntents.confirm(
        intentId,
        { payment_method: token, use_stripe_sdk: true, ...WITH_CHARGE },
        { idempotencyKey: `${key}:confirm` },
      ),
    );
    if (confirmed.kind === 'done') return statusOf(confirmed.value);
    if (confirmed.code === 'payment_intent_unexpected_state') return this.fetch(key, signal);
    return { kind: 'declined', reason: confirmed.reason, code: confirmed.code, isOpen: true };
  }

  private async intentOf(key: PaymentKey, signal: AbortSignal): Promise<Stripe.PaymentIntent | undefined> {
    const intentId = await this.payments.find(key);
    return intentId ? doneBy(signal, () => this.stripe.paymentIntents.retrieve(intentId, WITH_CHARGE)) : undefined;
  }
}
