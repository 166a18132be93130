import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { migrate } from '../../src/platform/database/migrate.js';

/** Any number: it only has to be the same in every worker, so that one makes the template and the others wait. */
const templateLock = 7411;
const migrations = new URL('../../migrations/', import.meta.url);

let template: Promise<string> | undefined;

/** A database of one's own, with the newest schema and no rows. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Ends all connections to it, and deletes it. */
  drop(): Promise<void>;
}

/** Clones the migrated template (20 to 50 ms). Call it once per spec file, or per test where rows would be in the way. */
export async function createTestDatabase(): Promise<TestDatabase> {
  template ??= ensureTemplate();
  const source = await template;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${source}`));
  return {
    name,
    url: urlOf(name),
    async drop() {
      await asAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** A database without any schema, for tests of migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${name}`));
  return {
    name,
    url: urlOf(name),
    async drop() {
      await asAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** One template per content of `migrations/`: on a server that outlives the run, an edited migration gets a new one. */
async function ensureTemplate(): Promise<string> {
  const name = `template_${await hashMigrations()}`;
  await asAdmin(async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [templateLock]);
    const { rows } = await admin.query('SELECT datistemplate FROM pg_database WHERE datname = $1', [name]);
    if (rows[0]?.datistemplate) return;
    // Without the mark it is incomplete: a run was cut off.
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${name}`);
    await migrate(urlOf(name));
    await admin.query(`ALTER DATABASE ${name} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
  });
  return name;
}

async function hashMigrations(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(migrations)).sort()) {
    hash.update(`${file}\0`).update(await readFile(new URL(file, migrations)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: serverUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error('There is no test server: run this through `npm test`, or set TEST_DATABASE_URL.');
  return url;
}
