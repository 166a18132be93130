// Shops with one of the safeguards taken out. The matrix has to notice each of them.
import type { Loose } from '../../support/shopper.ts';
import type { Habits } from './buyer.ts';
import type { Crash, CrashPoint, CrashPointName, Fault, Method } from './crash-points.ts';

export const MUTANTS = [
  'no unique constraint',
  'no fence',
  'void skipped',
  'capture before commit',
  'idempotency row outside the transaction',
] as const;
export type MutantName = (typeof MUTANTS)[number];

export interface Mutant {
  /** What the matrix says of it. */
  readonly shows: RegExp;
  /** Takes a constraint away. */
  readonly sql?: string;
  readonly patches: readonly { readonly point: CrashPoint; readonly mutate: (original: Method) => Method }[];
  /** Where the process has to end for it to show. */
  readonly crash: { readonly at: CrashPointName; readonly crash: Crash };
  readonly fault?: Fault;
  /** Without these it would take many cycles. */
  readonly habits?: Habits;
  readonly arePricesSteady?: boolean;
}

const point = (module: string, className: string, method: string): CrashPoint => ({ module, className, method });
const attempts = 'checkout/payments/attempts.repository';

/** Whether an attempt has become another one since is not looked at: neither its fence nor its state. */
async function moveAnyway(this: Loose, executor: Loose, { id }: Loose, _from: unknown, { state }: Loose) {
  const { sql } = await import('drizzle-orm');
  await (executor ?? this.database.orm).execute(
    sql`UPDATE payment_attempts SET state = ${state}, updated_at = now() WHERE id = ${id}`,
  );
  return true;
}

export const mutants: Readonly<Record<MutantName, Mutant>> = {
  // Redis keeps one checkout of a cart and the session of each one payment. When it has forgotten while a payment takes long,
  // the constraint is all there is.
  'no unique constraint': {
    shows: /was ordered more than once/,
    sql: 'ALTER TABLE orders DROP CONSTRAINT orders_one_per_cart, DROP CONSTRAINT orders_one_per_checkout',
    patches: [],
    crash: { at: 'settle the attempt', crash: 'stall before' },
    fault: 'Redis flushed',
    habits: { tokens: ['tok_ok'], comesBack: 1 },
    arePricesSteady: true,
  },
  'no fence': {
    shows: /is stuck|has order|acknowledged|wrongOrders|captured without/,
    patches: [{ point: point(attempts, 'AttemptsRepository', 'move'), mutate: () => moveAnyway }],
    // Of a payment that was declined, both workers write the same.
    crash: { at: 'settle the attempt', crash: 'freeze before' },
    habits: { tokens: ['tok_ok'], comesBack: 0 },
    arePricesSteady: true,
  },
  'void skipped': {
    shows: /strayMoney/,
    patches: [
      {
        point: point('checkout/payments/test-provider/test-provider.repository', 'TestProviderRepository', 'void'),
        mutate: () => async () => ({ kind: 'voided' }),
      },
    ],
    crash: { at: 'end the attempt', crash: 'kill after' },
  },
  'capture before commit': {
    shows: /captured without an order/,
    patches: [
      {
        point: point('checkout/placing/place-batch', 'PlaceBatch', 'place'),
        mutate: (original) =>
          async function captureFirst(this: Loose, attempts: Loose) {
            const { Client } = (await import('pg')).default;
            const client = new Client({ connectionString: process.env.DATABASE_URL });
            await client.connect();
            await client.query(
              `UPDATE test_provider_payments SET state = 'captured', captured_minor = amount_minor
               WHERE key = ANY($1) AND state = 'authorized'`,
              [attempts.map(({ id }: Loose) => id)],
            );
            await client.end();
            return original.call(this, attempts);
          },
      },
    ],
    // An attempt whose payment is not declined ends because its order was refused.
    crash: { at: 'end the attempt', crash: 'kill before' },
    habits: { tokens: ['tok_ok'], comesBack: 0 },
  },
  'idempotency row outside the transaction': {
    shows: /was acknowledged/,
    patches: [
      {
        point: point('platform/idempotency/idempotency.repository', 'IdempotencyRepository', 'answerAll'),
        mutate: (original) =>
          async function outside(this: Loose, _executor: unknown, answers: unknown) {
            return original.call(this, this.database.orm, answers);
          },
      },
    ],
    crash: { at: 'write the order, not committed', crash: 'kill after' },
  },
};
