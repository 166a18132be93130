import { MicroBatch } from '../micro-batch.js';
import { isDatabaseDown, pgFailure } from './database.js';
import { STATEMENT_LIMITS } from './statement-limits.js';

/** Result of one item in a shared statement; undefined: left out, it has to be done alone. */
type Shared<O> = O | undefined;

/**
 * Writes of many requests as one statement, which PostgreSQL commits once. It need only handle simple items: one that it
 * leaves out is done alone, and so are all of them when PostgreSQL refuses the statement, so that a bad item harms only
 * itself. It must never wait for a row (SKIP LOCKED): one locked row would hold up everybody.
 *
 * When it is not known whether PostgreSQL has committed, all items of the statement fail.
 */
export class SharedStatement<I, O> {
  private readonly batch: MicroBatch<I, Shared<O>>;

  /**
   * @param together one result for each item, in their order
   * @param alone does one item, whatever it takes
   */
  constructor(
    together: (items: readonly I[]) => Promise<readonly Shared<O>[]>,
    private readonly alone: (item: I) => Promise<O>,
  ) {
    this.batch = new MicroBatch(async (items) => {
      try {
        return await together(items);
      } catch (error) {
        const wasRefused = pgFailure(error) !== undefined && !isDatabaseDown(error);
        if (!wasRefused) throw error;
        return items.map(() => undefined);
      }
    }, STATEMENT_LIMITS);
  }

  async run(item: I): Promise<O> {
    return (await this.batch.add(item)) ?? this.alone(item);
  }
}
