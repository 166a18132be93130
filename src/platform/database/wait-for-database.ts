import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isDatabaseDown } from './database.js';

const RETRY_MS = 250;

/**
 * Waits until PostgreSQL takes connections: it may be starting, or recovering from a crash.
 * @throws Error naming the setting when it does not within the time, or at once when it refuses for another reason
 */
export async function waitForDatabase(databaseUrl: string, timeoutMs: number): Promise<void> {
  const giveUpAtMs = Date.now() + timeoutMs;
  for (;;) {
    const failure = await connectOnce(databaseUrl);
    if (failure === undefined) return;
    if (!isDatabaseDown(failure) || Date.now() > giveUpAtMs) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      throw new Error(`PostgreSQL cannot be used (${reason}). Check DATABASE_URL, and that the server runs.`);
    }
    await sleep(RETRY_MS);
  }
}

async function connectOnce(databaseUrl: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
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
