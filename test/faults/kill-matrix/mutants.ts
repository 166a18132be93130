// Shops with one of the safeguards taken out. The matrix has to notice each of them.
import type { Crash, CrashPoint, CrashPointName } from './crash-points.ts';

type Method = (...args: never[]) => Promise<unknown>;

export interface Mutant {
  /** SQL that takes a constraint away. */
  readonly sql?: string;
  readonly patches: readonly { readonly point: CrashPoint; readonly mutate: (original: Method) => Method }[];
  /** Where the process has to end for it to show. */
  readonly crash: { readonly at: CrashPointName; readonly crash: Crash };
}

const point = (module: string, className: string, method: string): CrashPoint => ({ module, className, method });
const attempts = 'checkout/payments/attempts.repository';

/** Whether an attempt has become another one since is not looked at: neither its fence nor its state. */
async function moveAnyway(this: never, executor: unknown, attempt: never, _from: never, to: never): Promise<boolean> {
  const { sql } = await import('drizzle-orm');
  const repository = this as { database: { orm: { execute(statement: unknown): Promise<unknown> } } };
  const { id } = attempt as { id: string };
  const { state } = to as { state: string };
  await ((executor as (typeof repository)['database']['orm'] | undefined) ?? repository.database.orm).execute(
    sql`UPDATE payment_attempts SET state = ${state}, updated_at = now() WHERE id = ${id}`,
  );
  return true;
}

export const mutants = {
  'no unique constraint': {
    sql: `ALTER TABLE orders DROP CONSTRAINT orders_one_per_cart; ALTER TABLE orders DROP CONSTRAINT orders_one_per_checkout`,
    patches: [],
    crash: { at: 'place the order', crash: 'kill after' },
  },
  'no fence': {
    patches: [{ point: point(attempts, 'AttemptsRepository', 'move'), mutate: () => moveAnyway }],
    crash: { at: 'settle the attempt', crash: 'freeze before' },
  },
  'void skipped': {
    patches: [
      {
        point: point('checkout/payments/test-provider/test-provider.repository', 'TestProviderRepository', 'void'),
        mutate: () => async () => ({ kind: 'voided' }),
      },
    ],
    crash: { at: 'end the attempt', crash: 'kill after' },
  },
  'capture before commit': {
    patches: [
      {
        point: point('checkout/placing/place-batch', 'PlaceBatch', 'place'),
        mutate: (original) =>
          async function captureFirst(this: never, ...[attempts]: never[]) {
            const { Client } = (await import('pg')).default;
            const client = new Client({ connectionString: process.env.DATABASE_URL });
            await client.connect();
            await client.query(
              `UPDATE test_provider_payments SET state = 'captured', captured_minor = amount_minor
               WHERE key = ANY($1) AND state = 'authorized'`,
              [(attempts as { id: string }[]).map(({ id }) => id)],
            );
            await client.end();
            return original.call(this, attempts as never);
          },
      },
    ],
    crash: { at: 'end the attempt', crash: 'kill before' },
  },
  'idempotency row outside the transaction': {
    patches: [
      {
        point: point('platform/idempotency/idempotency.repository', 'IdempotencyRepository', 'answerAll'),
        mutate: (original) =>
          async function outside(this: never, ...[, answers]: never[]) {
            const { database } = this as unknown as { database: { orm: never } };
            return original.call(this, database.orm, answers as never);
          },
      },
    ],
    crash: { at: 'write the order, not committed', crash: 'kill after' },
  },
} as const satisfies Record<string, Mutant>;

export type MutantName = keyof typeof mutants;
