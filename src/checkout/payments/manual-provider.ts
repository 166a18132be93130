import { Injectable } from '@nestjs/common';
import type { PaymentProvider, PaymentStatus, RefundStatus, WebhookReading } from './payment-provider.js';

const TOKENS = ['invoice', 'cash_on_delivery'];

/**
 * Money that comes outside the shop: by bank transfer after an invoice, or in cash. There is no server to ask: the attempt
 * is all that is known and records what is void or refunded, and an administrator says when it was paid.
 */
@Injectable()
export class ManualProvider implements PaymentProvider {
  readonly name = 'manual';
  readonly captures = 'by_hand';
  readonly tokens = TOKENS;

  accepts(token: string): boolean {
    return TOKENS.includes(token);
  }

  async authorize({ key }: { readonly key: string }): Promise<PaymentStatus> {
    return this.fetch(key);
  }

  async capture(key: string): Promise<PaymentStatus> {
    return { kind: 'captured', reference: referenceOf(key), refundedMinor: 0 };
  }

  async void(): Promise<PaymentStatus> {
    return { kind: 'voided' };
  }

  async refund(): Promise<RefundStatus> {
    return { kind: 'refunded' };
  }

  async fetch(key: string): Promise<PaymentStatus> {
    return { kind: 'authorized', reference: referenceOf(key) };
  }

  async readWebhook(): Promise<WebhookReading> {
    return { kind: 'refused', reason: 'There are no webhooks of manual payments.' };
  }
}

function referenceOf(key: string): string {
  return `manual_${key}`;
}
