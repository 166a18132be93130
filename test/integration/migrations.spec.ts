// What a start says of a database that lacks its schema, or whose role may not make it.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate, requireMigrated } from '../../src/platform/database/migrate.js';
import { DatabaseUnusableError } from '../../src/platform/database/wait-for-database.js';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

async function asOwner(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

test('without migrations a start that applies none names the command; with all of them it goes on', async () => {
  const failure = await requireMigrated(database.url).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DatabaseUnusableError);
  expect(String(failure)).toMatch(/lacks \d+ migrations \(first: 0001_.*Run `npm run cli -- migrate`/);
  await migrate(database.url);
  await requireMigrated(database.url);
  await asOwner("DELETE FROM schema_migrations WHERE name LIKE '0002%'");
  await expect(requireMigrated(database.url)).rejects.toThrow(/lacks 1 migration \(0002_/);
});

test('a role without the right to make tables is told which right it lacks', async () => {
  const role = `poor_${randomUUID().replaceAll('-', '')}`;
  await asOwner(`CREATE ROLE ${role} LOGIN PASSWORD 's3cret'`);
  try {
    const url = new URL(database.url);
    url.username = role;
    url.password = 's3cret';
    const failure = await migrate(url.href).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DatabaseUnusableError);
    expect(String(failure)).toContain(`role "${role}" lacks a right`);
    expect(String(failure)).toContain('permission denied for schema public');
    expect(String(failure)).not.toContain('s3cret');
  } finally {
    await asOwner(`DROP ROLE ${role}`);
  }
});
