// Applies migrations/*.sql in the order of their numbers, each in a transaction of its own, each once.
// An advisory lock lets any number of processes start at the same time; a checksum notices an edited migration.
import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { ADVISORY_LOCKS } from './advisory-locks.js';
import { pgFailure } from './database.js';
import { DatabaseUnusableError } from './wait-for-database.js';

const folder = new URL('../../../migrations/', import.meta.url);
/** SQLSTATE. */
const INSUFFICIENT_PRIVILEGE = '42501';

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Brings the database to the newest schema. @returns the names of what was applied now. */
export function migrate(databaseUrl: string): Promise<{ applied: string[] }> {
  return withClient(databaseUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCKS.migrations]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const done = await appliedMigrations(client);
    const applied: string[] = [];
    for (const migration of await readMigrations()) {
      const checksum = done.get(migration.name);
      if (checksum === undefined) {
        await applyOne(client, migration);
        applied.push(migration.name);
      } else if (checksum !== migration.checksum) {
        throw new Error(
          `Migration ${migration.name} was changed after it had been applied. Restore the file and put the change into a new migration.`,
        );
      }
    }
    return { applied };
  });
}

/** @throws DatabaseUnusableError when migrations were not applied; it says what to do */
export function requireMigrated(databaseUrl: string): Promise<void> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      "SELECT to_regclass('schema_migrations') IS NOT NULL AS there",
    );
    const done = rows[0]?.there ? await appliedMigrations(client).catch(unlessHidden) : new Map<string, string>();
    if (!done) return;
    const missing = (await readMigrations()).filter(({ name }) => !done.has(name));
    if (missing.length === 0) return;
    const what = missing.length === 1 ? '1 migration (' : `${missing.length} migrations (first: `;
    throw new DatabaseUnusableError(
      `The database "${client.database}" lacks ${what}${missing[0]?.name}), and ` +
        'MIGRATE_ON_START is false. Run `npm run cli -- migrate`.',
    );
  });
}

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'tiershop migrate' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } catch (error) {
    if (pgFailure(error)?.code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new DatabaseUnusableError(
      `The role "${client.user}" lacks a right in the database "${client.database}" ` +
        `(${error instanceof Error ? error.message : error}). Grant it (GRANT USAGE, CREATE ON SCHEMA public TO ` +
        `"${client.user}"), or name the owner of the database in DATABASE_URL.`,
      { cause: error },
    );
  } finally {
    await client.end();
  }
}

/** Where another role migrates, this one may not see what was applied. */
function unlessHidden(error: unknown): undefined {
  if (pgFailure(error)?.code !== INSUFFICIENT_PRIVILEGE) throw error;
}

async function appliedMigrations(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM schema_migrations',
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8');
      return { name, sql, checksum: hash('sha256', sql, 'hex') };
    }),
  );
}

async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(migration.sql);
    await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [
      migration.name,
      migration.checksum,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw new Error(`Migration ${migration.name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
