// The tables that queries are written against are the tables that migrations make.
import { globSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

interface Column {
  readonly column: string;
  readonly type: string;
  readonly required: boolean;
}

const root = new URL('../../', import.meta.url).pathname;
/** drizzle writes a space before a precision, PostgreSQL does not. */
const sameType = (type: string) => type.replace(' (', '(');
let database: TestDatabase;
let inDatabase: Map<string, Column[]>;

beforeAll(async () => {
  database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ table: string } & Column>(`
    SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped`);
  await client.end();
  inDatabase = Map.groupBy(rows, (row) => row.table) as Map<string, Column[]>;
});

afterAll(() => database?.drop());

const columnOf = ({ column, type, required }: Column) => `${column} ${sameType(type)}${required ? ' required' : ''}`;

async function describedTables(): Promise<PgTable[]> {
  const files = globSync('src/**/*.schema.ts', { cwd: root });
  const modules = await Promise.all(files.map((file) => import(`${root}${file}`)));
  return modules.flatMap((module) => Object.values(module)).filter((value): value is PgTable => is(value, PgTable));
}

test('every described column is in the database, with its type', async () => {
  const tables = await describedTables();
  expect(tables.length).toBeGreaterThan(15);
  for (const table of tables) {
    const { name, columns } = getTableConfig(table);
    const described = columns.map((column) =>
      columnOf({ column: column.name, type: column.getSQLType(), required: column.notNull }),
    );
    const actual = (inDatabase.get(name) ?? []).map(columnOf);
    expect({ table: name, missing: described.filter((column) => !actual.includes(column)) }).toEqual({
      table: name,
      missing: [],
    });
  }
});
