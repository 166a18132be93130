import { randomUUID } from 'node:crypto';
import { type BulkheadPolicy, bulkhead } from 'cockatiel';
import type { Logger } from 'pino';
import type { Database } from '../../platform/database/database.js';
import { SESSION_SHARDS } from '../../platform/keyspace.js';
import type { Metrics } from '../../platform/metrics.js';
import type { RedisLayers } from '../../platform/redis/redis-layers.js';
import { Repeating } from '../../platform/repeating.js';
import { DeadLettersRepository } from './dead-letters.repository.js';
import { type DocumentKind, type WriteBehindLimits, writeBehindLimits } from './document-kind.js';
import { DocumentStore } from './document-store.js';
import { Folder } from './folder.js';
import { RedisDocuments } from './redis-documents.js';
import { SessionEpochs } from './session-epochs.js';
import { SessionEpochsRepository } from './session-epochs.repository.js';
import { ShardWorker } from './shard-worker.js';
import { StandbyDocuments } from './standby-documents.js';
import { WriteStream } from './write-stream.js';

const FLUSH_MS = 5_000;

/**
 * Documents that are written to the session layer and folded into PostgreSQL later: each write is queued in the step that
 * makes it, and leaves the queue only once it is in PostgreSQL or among the dead letters.
 */
export class WriteBehind {
  private readonly kinds = new Map<string, DocumentKind<unknown>>();
  private readonly workers: ShardWorker[];
  private readonly limits: WriteBehindLimits;
  private readonly epochsRepository: SessionEpochsRepository;
  private readonly epochs: SessionEpochs;
  private readonly standbyPlaces: BulkheadPolicy;
  private readonly verifying: Repeating;

  constructor(
    private readonly redis: RedisLayers,
    database: Database,
    metrics: Metrics,
    logger: Logger,
    limits: Partial<WriteBehindLimits> = {},
  ) {
    this.limits = { ...writeBehindLimits, ...limits };
    this.epochsRepository = new SessionEpochsRepository(database);
    this.epochs = new SessionEpochs(redis, this.epochsRepository, logger);
    this.verifying = new Repeating(
      this.limits.verifyEveryMs,
      () => this.verifyEpochs(),
      'the epochs of the session layer are compared later',
      logger,
    );
    this.standbyPlaces = bulkhead(this.limits.standbyAtOnce, this.limits.standbyWaiting);
    const consumer = randomUUID();
    const letters = new DeadLettersRepository(database);
    this.workers = SESSION_SHARDS.map((shard) => {
      const folder = new Folder(this.kinds, letters, logger, this.limits);
      return new ShardWorker(new WriteStream(redis, shard, consumer), folder, logger, this.limits);
    });
    metrics.gauge('write_behind_depth', 'Documents waiting for PostgreSQL, as last seen.', ['shard'], (gauge) => {
      for (const worker of this.workers) gauge.set({ shard: worker.stream.shard }, worker.depth);
    });
  }

  /** Declares a kind of document and returns its store. Once for each kind, before `start`. */
  register<T>(kind: DocumentKind<T>): DocumentStore<T> {
    if (this.kinds.has(kind.kind)) throw new Error(`the kind of document ${kind.kind} is registered twice`);
    this.kinds.set(kind.kind, kind);
    return new DocumentStore<T>(
      this.redis.watch('session'),
      new RedisDocuments(this.redis, this.epochs, kind, this.limits),
      new StandbyDocuments(this.epochsRepository, kind, this.standbyPlaces),
    );
  }

  /** Begins to fold. Any number of processes may. */
  start(): void {
    for (const worker of this.workers) worker.start();
    this.verifying.start();
  }

  /** Folds what waits now, within a bounded time. @returns how many entries are left. */
  async flush(timeoutMs = FLUSH_MS): Promise<number> {
    const deadlineMs = Date.now() + timeoutMs;
    const left = await Promise.all(this.workers.map((worker) => worker.drain(deadlineMs)));
    return left.reduce((sum, count) => sum + count, 0);
  }

  /** Stops folding after a last flush. What is left waits in redis for the next process. */
  async stop(): Promise<void> {
    await this.verifying.stop();
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.flush().catch(() => undefined);
    await Promise.allSettled(this.workers.map((worker) => worker.stream.leave()));
  }

  private async verifyEpochs(): Promise<void> {
    if (!this.redis.watch('session').isOut) await this.epochs.verifyAll();
  }
}
