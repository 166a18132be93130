// One import at a time in the whole shop, whichever process runs it: a PostgreSQL advisory lock of a connection that is
// kept for as long as the import runs. If the process or the connection dies, PostgreSQL frees the lock by itself.
import { Inject, Injectable } from '@nestjs/common';
import { ADVISORY_LOCKS } from '../../platform/database/advisory-locks.js';
import { Database } from '../../platform/database/database.js';

export interface ImportLock {
  /** False when the connection, and with it the lock, is gone. */
  isHeld(): boolean;
  release(): Promise<void>;
}

@Injectable()
export class ImportLockRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns undefined when another import runs. */
  async tryLock(): Promise<ImportLock | undefined> {
    const client = await this.database.pool.connect();
    let held = false;
    const lose = () => {
      held = false;
    };
    client.on('error', lose);
    const giveBack = (broken: boolean) => {
      lose();
      client.off('error', lose);
      client.release(broken);
    };
    try {
      const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
        ADVISORY_LOCKS.productImport,
      ]);
      held = rows[0]?.locked ?? false;
    } catch (error) {
      giveBack(true);
      throw error;
    }
    if (!held) {
      giveBack(false);
      return undefined;
    }
    return {
      isHeld: () => held,
      release: async () => {
        // A connection that cannot give the lock back is closed, which frees it as well.
        await client.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCKS.productImport]).then(
          () => giveBack(false),
          () => giveBack(true),
        );
      },
    };
  }
}
