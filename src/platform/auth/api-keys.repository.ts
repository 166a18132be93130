import { Inject, Injectable } from '@nestjs/common';
import { and, arrayOverlaps, eq, isNull, ne, sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { newId } from '../ids.js';
import { apiKeys } from './api-keys.schema.js';

/** A key in force; the key itself is stored only as a hash. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
}

/** Result of revoking a key. */
export type Revocation =
  | { readonly kind: 'revoked'; readonly keyHash: Buffer }
  | { readonly kind: 'missing' }
  /** Revoking it would leave nobody who can make a key. */
  | { readonly kind: 'last' };

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

  /**
   * Keys that make keys are revoked one after the other, so that two of them cannot each count the other as the one left.
   * @param keepOneOf a key in force with one of these scopes must be left
   */
  async revoke(id: string, keepOneOf: readonly string[] | undefined): Promise<Revocation> {
    return this.database.transaction(async (tx) => {
      await tx.execute(sql`LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE`);
      const [key] = await tx
        .select({ keyHash: apiKeys.keyHash, scopes: apiKeys.scopes })
        .from(apiKeys)
        .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)));
      if (!key) return { kind: 'missing' };
      if (keepOneOf && key.scopes.some((scope) => keepOneOf.includes(scope))) {
        const others = and(
          isNull(apiKeys.revokedAt),
          ne(apiKeys.id, id),
          arrayOverlaps(apiKeys.scopes, [...keepOneOf]),
        );
        if ((await tx.$count(apiKeys, others)) === 0) return { kind: 'last' };
      }
      await tx.update(apiKeys).set({ revokedAt: sql`now()` }).where(eq(apiKeys.id, id));
      return { kind: 'revoked', keyHash: key.keyHash };
    });
  }
}
