import { eq, sql } from 'drizzle-orm';
import type { Database, Tx } from '../../platform/database/database.js';
import type { SessionShard } from '../../platform/keyspace.js';
import { sessionEpochs } from './write-behind.schema.js';

const MAX_TRIES = 5;

/** Which epoch each shard of the session layer is in. */
export class SessionEpochsRepository {
  constructor(private readonly database: Database) {}

  async read(shard: SessionShard): Promise<number> {
    const [row] = await this.database.orm.select().from(sessionEpochs).where(eq(sessionEpochs.shard, shard));
    return requireEpoch(row);
  }

  /** Puts another epoch in force. @param next runs under the row lock: no other `next` runs, and nobody writes past Redis */
  raise(shard: SessionShard, next: (stored: number) => Promise<number>): Promise<number> {
    return this.database.transaction(async (tx) => {
      const mine = eq(sessionEpochs.shard, shard);
      const [row] = await tx.select().from(sessionEpochs).where(mine).for('update');
      const stored = requireEpoch(row);
      const epoch = await next(stored);
      if (epoch !== stored) await tx.update(sessionEpochs).set({ epoch }).where(mine);
      return epoch;
    });
  }

  /** Runs a write past Redis: in an odd epoch, which no Redis server has and which cannot end before the commit. */
  async pastRedis<R>(shard: SessionShard, write: (tx: Tx, epoch: number) => Promise<R>): Promise<R> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const done = await this.database.transaction(async (tx) => {
        const mine = eq(sessionEpochs.shard, shard);
        await tx
          .update(sessionEpochs)
          .set({ epoch: sql`${sessionEpochs.epoch} + 1` })
          .where(sql`${mine} AND ${sessionEpochs.epoch} % 2 = 0`);
        const [row] = await tx.select().from(sessionEpochs).where(mine).for('share');
        const epoch = requireEpoch(row);
        // Redis came back between the two statements.
        if (epoch % 2 === 0) return undefined;
        return { result: await write(tx, epoch) };
      });
      if (done) return done.result;
    }
    throw new Error(`The epoch of session shard ${shard} changes again and again.`);
  }
}

function requireEpoch(row: { readonly epoch: number } | undefined): number {
  if (!row) throw new Error('session_epochs has no row for the shard: the migrations were not applied.');
  return row.epoch;
}
