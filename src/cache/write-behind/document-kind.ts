import type { z } from 'zod';
import type { Tx } from '../../platform/database/database.js';
import type { SessionShard } from '../../platform/keyspace.js';

/** A document with its version, which grows with each write. */
export interface VersionedDocument<T> {
  readonly version: number;
  readonly document: T;
}

/** A document on its way to PostgreSQL. */
export interface FoldedDocument<T> extends VersionedDocument<T> {
  readonly id: string;
}

/** Result of a write: `conflict` carries the present document as `current`, undefined when there is none. */
export type PutResult<T> =
  | { readonly outcome: 'ok'; readonly version: number }
  | { readonly outcome: 'conflict'; readonly current: VersionedDocument<T> | undefined };

/** Options of a write. */
export interface PutOptions {
  /** Names the write: repeated under its name while it is the last one, it gets the same answer and is not done twice. */
  readonly writeId?: string;
}

/** A kind of document that is written to the session layer first and to PostgreSQL later. */
export interface DocumentKind<T> {
  /** Name in the stream; it must not change while documents wait. */
  readonly kind: string;
  /** Documents that an earlier version of the code wrote must still fit. */
  readonly codec: z.ZodType<T>;
  /** How long a document stays in redis after PostgreSQL has its newest version. */
  readonly ttlMs: number;
  /** Its key in redis, in the slot of its shard. */
  keyOf(id: string): string;
  shardOf(id: string): SessionShard;
  /** Reads it from PostgreSQL, with the version that was folded last. */
  load(id: string): Promise<VersionedDocument<T> | undefined>;
  /**
   * Writes documents to PostgreSQL in one transaction. It may see a document again, or an older version after a newer
   * one: a version that is not newer than the row's must leave the row as it is.
   */
  fold(batch: readonly FoldedDocument<T>[]): Promise<void>;
  /** Writes a document if the row still has the expected version; 0: there is none. @returns whether it was written */
  replace(tx: Tx, next: FoldedDocument<T>, expectedVersion: number): Promise<boolean>;
}

/** Limits of write-behind. Times in milliseconds. */
export const writeBehindLimits = {
  /** Most documents waiting in one shard; beyond it writes are refused, before memory runs out. */
  maxDepth: 50_000,
  /** Documents folded in one transaction. */
  batch: 200,
  /** Pause after a batch that was not full: several writes of one document meanwhile become one. */
  pauseMs: 250,
  /** Documents of a worker that was silent for this long are taken over. Longer than any fold. */
  claimIdleMs: 30_000,
  claimEveryMs: 5_000,
  /** A document that fails this often, alone, goes to the dead letters. */
  maxAttempts: 5,
  retryMs: 200,
  /** How long "PostgreSQL has none" is noted. */
  absentMs: 60_000,
  /** How long restoring a document may take. */
  leaseMs: 10_000,
  /** While the session layer is out: documents that are read or written in PostgreSQL at once, and that wait for it. */
  standbyAtOnce: 8,
  standbyWaiting: 200,
  /** How often to check whether a process that does not see Redis has written to PostgreSQL past it. */
  verifyEveryMs: 1_000,
} as const;

export type WriteBehindLimits = { readonly [K in keyof typeof writeBehindLimits]: number };
