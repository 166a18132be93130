import { Inject, Injectable } from '@nestjs/common';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { newId } from '../ids.js';
import { apiKeys } from './api-keys.schema.js';

/** A key in force; the key itself is known by its hash only. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
}

export const MAX_API_KEYS = 100;

const columns = { id: apiKeys.id, name: apiKeys.name, scopes: apiKeys.scopes, createdAt: apiKeys.createdAt };

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

  /** @returns undefined when there are MAX_API_KEYS in force */
  async insert(name: string, keyHash: Buffer, scopes: readonly string[]): Promise<ApiKey | undefined> {
    return this.database.transaction(async (tx) => {
      await tx.execute(sql`LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE`);
      if ((await tx.$count(apiKeys, isNull(apiKeys.revokedAt))) >= MAX_API_KEYS) return undefined;
      const row = { id: newId(), name, keyHash, scopes: [...scopes] };
      const [inserted] = await tx.insert(apiKeys).values(row).returning(columns);
      return inserted;
    });
  }

  /** Keys in force, oldest first. */
  async all(): Promise<ApiKey[]> {
    return this.database.orm
      .select(columns)
      .from(apiKeys)
      .where(isNull(apiKeys.revokedAt))
      .orderBy(apiKeys.createdAt, apiKeys.id)
      .limit(MAX_API_KEYS);
  }

  /** @returns the hash of the key; undefined when there is none in force */
  async revoke(id: string): Promise<Buffer | undefined> {
    const [row] = await this.database.orm
      .update(apiKeys)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
      .returning({ keyHash: apiKeys.keyHash });
    return row?.keyHash;
  }
}
