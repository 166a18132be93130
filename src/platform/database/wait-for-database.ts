import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isDatabaseDown } from './database.js';

const RETRY_MS = 250;
const CONNECT_MS = 5_000;
/** A running server accepts a connection sooner. */
const SAY_AFTER_MS = 500;

/** PostgreSQL cannot be used. The message is for whoever starts the shop; it never holds the password. */
export class DatabaseUnusableError extends Error {}

/**
 * Waits until PostgreSQL takes connections: it may be starting, or recovering from a crash.
 * @param say called once, when it has to wait, with the server it waits for
 * @throws DatabaseUnusableError when it does not within the time, or at once when it refuses for another reason
 */
export async function waitForDatabase(
  databaseUrl: string,
  timeoutMs: number,
  say: (text: string) => void,
): Promise<void> {
  const giveUpAtMs = Date.now() + timeoutMs;
  const { host, port } = new pg.Client({ connectionString: databaseUrl });
  const server = `PostgreSQL at ${host}:${port}`;
  const seconds = Math.round(timeoutMs / 1_000);
  const timer = setTimeout(() => say(`Waiting for ${server}, ${seconds} s at most.`), SAY_AFTER_MS);
  try {
    for (;;) {
      const failure = await connectOnce(databaseUrl, Math.min(CONNECT_MS, Math.max(RETRY_MS, giveUpAtMs - Date.now())));
      if (failure === undefined) return;
      if (!isDatabaseDown(failure) || Date.now() > giveUpAtMs) {
        throw new DatabaseUnusableError(
          `${server} cannot be used (${reasonOf(failure)}). Check DATABASE_URL, and that the server runs and can be reached from here.`,
        );
      }
      await sleep(RETRY_MS);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function connectOnce(databaseUrl: string, timeoutMs: number): Promise<unknown> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: timeoutMs });
  client.on('error', () => {});
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A name with several addresses fails with an error for each of them, and no message for all. */
function reasonOf(failure: unknown): string {
  if (failure instanceof AggregateError) return failure.errors.map(reasonOf).join(', ');
  return failure instanceof Error ? failure.message : String(failure);
}
