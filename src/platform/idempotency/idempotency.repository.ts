// Requests that must not be carried out twice: the key is claimed in the transaction that makes the work durable, and the
// answer is stored in the transaction that finishes it. After a crash in between the claim stays, and recovery answers.
import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { Database, type Executor } from '../database/database.js';
import { Statement } from '../database/statement.js';
import { AppError } from '../errors.js';
import { idempotencyKeys } from './idempotency.schema.js';

/** A key within its scope: caller and route. */
export interface ClaimedKey {
  readonly scope: string;
  readonly key: string;
}

/** A key as it is claimed by a request. */
export interface IdempotencyClaim extends ClaimedKey {
  readonly requestHash: Buffer;
}

/** An answer as it was given: status and JSON body. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What became of the earlier request with a key. */
export type EarlierRequest =
  | { readonly kind: 'answered'; readonly answer: StoredAnswer }
  | { readonly kind: 'running' }
  | { readonly kind: 'reused' };

export type ClaimResult = { readonly kind: 'claimed' } | EarlierRequest;

const storeAnswers = new Statement<never>(
  'idempotency_answer',
  `WITH unanswered AS MATERIALIZED (
     SELECT a.* FROM unnest($1::text[], $2::text[], $3::int[], $4::json[]) AS a (scope, key, status, response)
     CROSS JOIN LATERAL (
       SELECT i.status FROM idempotency_keys i WHERE i.scope = a.scope AND i.key = a.key FOR UPDATE
     ) k WHERE k.status IS NULL
   )
   UPDATE idempotency_keys k SET status = a.status, response = a.response
   FROM unanswered a WHERE k.scope = a.scope AND k.key = a.key`,
);

/**
 * Hash of a request body, independent of the order of its members. The body need not have been validated yet.
 * @throws AppError `malformed_body` when it is nested deeper than any of ours
 */
export function hashRequest(body: unknown): Buffer {
  try {
    return hash('sha256', canonicalJson(body), 'buffer');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AppError('malformed_body', { detail: 'The body is nested too deeply.', cause: error });
  }
}

@Injectable()
export class IdempotencyRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Claims the key, or tells what became of the request that claimed it before. */
  async claim(executor: Executor, claim: IdempotencyClaim, owner?: string): Promise<ClaimResult> {
    const inserted = await executor
      .insert(idempotencyKeys)
      .values({ scope: claim.scope, key: claim.key, requestHash: claim.requestHash, owner })
      .onConflictDoNothing()
      .returning({ key: idempotencyKeys.key });
    if (inserted.length > 0) return { kind: 'claimed' };
    return (await this.find(claim, executor)) ?? { kind: 'running' };
  }

  /**
   * Like `claim`, for work that is not one transaction: a claim that was neither answered nor renewed for `afterS` was left
   * by a process that died, and is taken over.
   * @param owner a new id: whoever had the claim before can no longer give it back
   */
  async claimOrTakeOver(claim: IdempotencyClaim, owner: string, afterS: number): Promise<ClaimResult> {
    const claimed = await this.claim(this.database.orm, claim, owner);
    if (claimed.kind !== 'running') return claimed;
    const takenOver = await this.database.orm
      .update(idempotencyKeys)
      .set({ owner, createdAt: sql`now()` })
      .where(and(unanswered(claim), sql`${idempotencyKeys.createdAt} < now() - ${afterS} * interval '1 second'`))
      .returning({ key: idempotencyKeys.key });
    return takenOver.length > 0 ? { kind: 'claimed' } : claimed;
  }

  /** Says that the work of a claim is still under way, unless it has been taken over. */
  async renew(claim: ClaimedKey, owner: string): Promise<void> {
    await this.database.orm
      .update(idempotencyKeys)
      .set({ createdAt: sql`now()` })
      .where(and(unanswered(claim), eq(idempotencyKeys.owner, owner)));
  }

  /** Gives back a claim whose work was not done, unless it has been taken over. */
  async release(claim: ClaimedKey, owner: string): Promise<void> {
    await this.database.orm.delete(idempotencyKeys).where(and(unanswered(claim), eq(idempotencyKeys.owner, owner)));
  }

  /** What became of an earlier request with this key; undefined when there was none. */
  async find(claim: IdempotencyClaim, executor: Executor = this.database.orm): Promise<EarlierRequest | undefined> {
    const [row] = await executor
      .select()
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.scope, claim.scope), eq(idempotencyKeys.key, claim.key)));
    if (!row) return undefined;
    if (!row.requestHash.equals(claim.requestHash)) return { kind: 'reused' };
    return row.status === null
      ? { kind: 'running' }
      : { kind: 'answered', answer: { status: row.status, body: row.response } };
  }

  /** Stores the answer. The first one stays: a request is answered once. */
  async answer(executor: Executor | undefined, claim: ClaimedKey, answer: StoredAnswer): Promise<void> {
    await this.answerAll(executor ?? this.database.orm, [{ ...claim, answer }]);
  }

  /** Stores the answers of several requests. */
  async answerAll(
    executor: Executor,
    answers: readonly (ClaimedKey & { readonly answer: StoredAnswer })[],
  ): Promise<void> {
    await storeAnswers.rows(executor, [
      answers.map(({ scope }) => scope),
      answers.map(({ key }) => key),
      answers.map(({ answer }) => answer.status),
      answers.map(({ answer }) => JSON.stringify(answer.body)),
    ]);
  }

  /**
   * Deletes keys older than `olderThanS`, unanswered ones after ten times that.
   * @returns how many; bounded by `limit`, so that a purge never locks for long.
   */
  async purge(olderThanS: number, limit = 5_000): Promise<number> {
    const result = await this.database.orm.execute(sql`
      DELETE FROM idempotency_keys WHERE ctid IN (
        SELECT ctid FROM idempotency_keys
        WHERE created_at < now() - ${olderThanS} * CASE WHEN status IS NULL THEN 10 ELSE 1 END * interval '1 second'
        LIMIT ${limit})`);
    return result.rowCount ?? 0;
  }
}

const unanswered = ({ scope, key }: ClaimedKey) =>
  and(eq(idempotencyKeys.scope, scope), eq(idempotencyKeys.key, key), isNull(idempotencyKeys.status));

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
