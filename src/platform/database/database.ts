import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { UNREACHABLE } from '../unreachable.js';

export type Orm = NodePgDatabase<Record<string, never>>;
/** A transaction, or the pool: what a repository method runs its statements on. */
export type Executor = Orm | Tx;
export type Tx = Parameters<Parameters<Orm['transaction']>[0]>[0];

/** How much later than PostgreSQL itself the shop ends a statement. */
const SILENCE_MS = 1_000;
/** Longest wait for a connection. */
const CONNECT_MS = 5_000;

/** By then (ms) a query has ended in PostgreSQL, whatever became of its answer: connecting, the statement, silence. */
export const longestQueryMs = (config: Pick<Config, 'DATABASE_STATEMENT_TIMEOUT_MS'>): number =>
  CONNECT_MS + config.DATABASE_STATEMENT_TIMEOUT_MS + SILENCE_MS;

/** PostgreSQL: one pool, drizzle on top of it, and transactions. */
export class Database {
  readonly pool: pg.Pool;
  readonly orm: Orm;

  constructor(
    config: Pick<Config, 'DATABASE_URL' | 'DATABASE_POOL_MAX' | 'DATABASE_STATEMENT_TIMEOUT_MS'>,
    logger: Logger,
  ) {
    this.pool = new pg.Pool({
      connectionString: config.DATABASE_URL,
      max: config.DATABASE_POOL_MAX,
      application_name: 'tiershop',
      connectionTimeoutMillis: CONNECT_MS,
      idleTimeoutMillis: 30_000,
      statement_timeout: config.DATABASE_STATEMENT_TIMEOUT_MS,
      // A server that can no longer be reached says nothing, not even that it has ended a statement.
      query_timeout: config.DATABASE_STATEMENT_TIMEOUT_MS + SILENCE_MS,
      idle_in_transaction_session_timeout: 30_000,
      // A statement need not wait for the answer to the one before it (together.ts).
      pipeline: true,
    });
    // A server that closes ends its connections with an error event (57P01); without a listener that ends the process.
    this.pool.on('error', (error) => logger.warn({ err: error }, 'an idle PostgreSQL connection ended'));
    this.pool.on('connect', (client) => {
      client.on('error', (error) => logger.warn({ err: error }, 'a PostgreSQL connection ended'));
    });
    this.orm = drizzle(this.pool);
  }

  /** Runs `work` in one transaction; it is rolled back when `work` throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.orm.transaction(work);
  }

  /** @throws when PostgreSQL does not answer. */
  async ping(): Promise<void> {
    await this.pool.query('SELECT 1');
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

interface PgFailure {
  readonly code: string;
  readonly constraint?: string;
}

/** PostgreSQL's own error behind whatever drizzle threw, with its SQLSTATE and constraint; undefined for other errors. */
export function pgFailure(error: unknown): PgFailure | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof pg.DatabaseError && current.code) {
      return current.constraint ? { code: current.code, constraint: current.constraint } : { code: current.code };
    }
  }
  return undefined;
}

/** Whether the error is a violation of the named unique constraint or index (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  const failure = pgFailure(error);
  return failure?.code === '23505' && failure.constraint === constraint;
}

/** Whether PostgreSQL cannot be reached or takes no more work now: starting, stopping, full, or too busy to be in time. */
export function isDatabaseDown(error: unknown): boolean {
  const failure = pgFailure(error);
  if (failure) return /^(08|53|57P0|57014|40P01|40001|55P03|25P03)/.test(failure.code);
  for (let current = error; current instanceof Error; current = current.cause) {
    if (
      /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
        current.message,
      )
    ) {
      return true;
    }
    if ('code' in current && UNREACHABLE.includes(String(current.code))) return true;
  }
  return false;
}

/** Whether the connection ended or could not be made (SQLSTATE class 08, 57P01 to 57P03): a read may be tried on another. */
export function isConnectionLost(error: unknown): boolean {
  const failure = pgFailure(error);
  if (failure) return /^(08|57P0[123])/.test(failure.code);
  for (let current = error; current instanceof Error; current = current.cause) {
    if (/Connection terminated unexpectedly|Client has encountered a connection error/.test(current.message))
      return true;
    if ('code' in current && /^(ECONNREFUSED|ECONNRESET|EPIPE)$/.test(String(current.code))) return true;
  }
  return false;
}
