// The `test` provider: it behaves like a server of somebody else, with books of its own that survive any crash of the
// shop. Nothing of it ever takes part in a transaction of the shop.
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import type { Charge, PaymentKey, PaymentProvider, PaymentStatus } from './payment-provider.js';
import { testProviderPayments } from './test-provider.schema.js';

const TOKENS = ['tok_ok', 'tok_declined', 'tok_error', 'tok_timeout_then_ok', 'tok_slow'];
const SLOW_MS = 3_000;
const NEVER_MS = 600_000;

type Payment = typeof testProviderPayments.$inferSelect;

@Injectable()
export class TestProviderRepository implements PaymentProvider {
  readonly name = 'test';

  constructor(@Inject(Database) private readonly database: Database) {}

  accepts(token: string): boolean {
    return TOKENS.includes(token);
  }

  async authorize(charge: Charge, signal: AbortSignal): Promise<PaymentStatus> {
    if (charge.token === 'tok_error') throw new Error('The test provider answered 500.');
    if (charge.token === 'tok_slow') await sleep(SLOW_MS, undefined, { signal });
    const { key, amountMinor, currency } = charge;
    const state = charge.token === 'tok_declined' ? 'declined' : 'authorized';
    await this.database.orm
      .insert(testProviderPayments)
      .values({ key, state, amountMinor, currency })
      .onConflictDoNothing();
    if (charge.token === 'tok_timeout_then_ok') await sleep(NEVER_MS, undefined, { signal });
    return this.fetch(key);
  }

  async capture(key: PaymentKey, amountMinor: number): Promise<PaymentStatus> {
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

  async fetch(key: PaymentKey): Promise<PaymentStatus> {
    const [payment] = await this.database.orm
      .select()
      .from(testProviderPayments)
      .where(eq(testProviderPayments.key, key));
    return payment ? statusOf(payment) : { kind: 'none' };
  }
}

function statusOf({ state, key }: Payment): PaymentStatus {
  if (state === 'declined') return { kind: 'declined', reason: 'The card was declined by its bank.' };
  if (state === 'voided') return { kind: 'voided' };
  return { kind: state, reference: `test_${key}` };
}
