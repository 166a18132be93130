// INSERT of any number of rows as one statement that every connection prepares once: the rows travel as one JSON array.
// A statement with a placeholder for each value would be another one for each number of rows, built and planned anew.
import { getTableColumns, getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Executor } from './database.js';
import { Statement } from './statement.js';

/** @typeParam Defaults columns that are not given: the table has a default for them */
export class InsertRows<T extends PgTable, Defaults extends keyof T['$inferSelect'], Returned extends object = never> {
  private readonly columns: readonly (readonly [key: string, name: string])[];
  private readonly statement: Statement<Returned>;

  /** @param options `name` of the prepared statement; `returning`: columns to answer with, as SQL */
  constructor(
    table: T,
    { name, defaults, returning }: { name: string; defaults: readonly Defaults[]; returning?: string },
  ) {
    const given = Object.entries(getTableColumns(table)).filter(([key]) => !defaults.some((one) => one === key));
    this.columns = given.map(([key, column]) => [key, column.name]);
    const names = given.map(([, column]) => `"${column.name}"`).join(', ');
    const types = given.map(([, column]) => `"${column.name}" ${column.getSQLType()}`).join(', ');
    this.statement = new Statement(
      name,
      `INSERT INTO "${getTableName(table)}" (${names})
       SELECT ${names} FROM json_to_recordset($1::json) AS r (${types})${returning ? ` RETURNING ${returning}` : ''}`,
    );
  }

  /** Inserts the rows in the order given. */
  async insert(executor: Executor, rows: readonly Omit<T['$inferInsert'], Defaults>[]): Promise<Returned[]> {
    if (rows.length === 0) return [];
    return this.statement.rows(executor, [JSON.stringify(rows.map((row) => this.toRecord(row)))]);
  }

  private toRecord(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(this.columns.map(([key, name]) => [name, toJson(row[key])]));
  }
}

/** JSON has no bytes; PostgreSQL reads them as hexadecimal digits. */
const toJson = (value: unknown): unknown => (value instanceof Buffer ? `\\x${value.toString('hex')}` : value);
