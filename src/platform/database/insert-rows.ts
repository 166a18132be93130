// INSERT of any number of rows as one statement that every connection prepares once: the rows travel as one JSON array. With
// a placeholder for each value there would be another statement for each number of rows, built and planned anew.
import { getTableColumns, getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Executor } from './database.js';
import { Statement } from './statement.js';

/** @typeParam Defaults columns that are not given: the table has a default for them */
export class InsertRows<T extends PgTable, Defaults extends keyof T['$inferSelect']> {
  /** Columns whose values have to be made JSON. */
  private readonly bytes: readonly string[];
  private readonly statement: Statement<never>;

  /** @param options `name` of the prepared statement */
  constructor(table: T, { name, defaults }: { name: string; defaults: readonly Defaults[] }) {
    const given = Object.entries(getTableColumns(table)).filter(([key]) => !defaults.some((one) => one === key));
    this.bytes = given.flatMap(([key, column]) => (column.getSQLType() === 'bytea' ? [key] : []));
    const names = given.map(([, column]) => `"${column.name}"`).join(', ');
    const keys = given.map(([key]) => `"${key}"`).join(', ');
    const types = given.map(([key, column]) => `"${key}" ${column.getSQLType()}`).join(', ');
    this.statement = new Statement(
      name,
      `INSERT INTO "${getTableName(table)}" (${names})
       SELECT ${keys} FROM json_to_recordset($1::json) AS r (${types})`,
    );
  }

  /** Inserts the rows in the order given. */
  async insert(executor: Executor, rows: readonly Omit<T['$inferInsert'], Defaults>[]): Promise<void> {
    if (rows.length === 0) return;
    await this.statement.rows(executor, [JSON.stringify(rows.map((row) => this.toRecord(row)))]);
  }

  /** JSON has no bytes; PostgreSQL reads them as hexadecimal digits. */
  private toRecord(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    if (this.bytes.length === 0) return row;
    const record = { ...row };
    for (const key of this.bytes) {
      const value = row[key];
      if (value instanceof Buffer) record[key] = `\\x${value.toString('hex')}`;
    }
    return record;
  }
}
