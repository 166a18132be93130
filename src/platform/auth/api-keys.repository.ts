import { Inject, Injectable } from '@nestjs/common';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { newId } from '../ids.js';
import { apiKeys } from './api-keys.schema.js';

@Injectable()
export class ApiKeysRepository {
  private readonly byHash;

  constructor(@Inject(Database) private readonly database: Database) {
    this.byHash = database.orm
      .select({ scopes: apiKeys.scopes })
      .from(apiKeys)
      .where(and(eq(apiKeys.keyHash, sql.placeholder('hash')), isNull(apiKeys.revokedAt)))
      .prepare('api_keys_by_hash');
  }

  /** @returns the scopes of a key that is in force. */
  async scopesOf(hash: Buffer): Promise<readonly string[] | undefined> {
    const [row] = await this.byHash.execute({ hash });
    return row?.scopes;
  }

  /** Stores the shop's first key. @returns false when there is one already, made by this or another process. */
  async insertFirst(hash: Buffer): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      await tx.execute(sql`LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE`);
      const existing = await tx.select({ id: apiKeys.id }).from(apiKeys).limit(1);
      if (existing.length > 0) return false;
      await tx.insert(apiKeys).values({ id: newId(), name: 'first key', keyHash: hash, scopes: ['*'] });
      return true;
    });
  }
}
