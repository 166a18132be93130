import type { QueryResult } from 'pg';
import type { Executor } from './database.js';

/**
 * One SQL statement that every connection prepares once, under its name. Drizzle names only what its builders made, and
 * planning a statement of several CTEs anew costs more than running it.
 */
export class Statement<Row extends object> {
  constructor(
    private readonly name: string,
    private readonly text: string,
  ) {}

  async rows(executor: Executor, values: readonly unknown[]): Promise<Row[]> {
    const query = executor._.session.prepareQuery<{ execute: QueryResult<Row>; all: unknown; values: unknown }>(
      { sql: this.text, params: [...values] },
      undefined,
      this.name,
      false,
    );
    return (await query.execute()).rows;
  }
}
