import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { WriteBehindLimits } from './document-kind.js';
import type { Folder } from './folder.js';
import type { WriteStream } from './write-stream.js';

/** After this many workers in a row died with a document, it is taken for the cause. */
const DELIVERIES_UNTIL_GIVEN_UP = 10;
const OUTAGE_PAUSE_MS = 500;

/** Folds one shard, batch after batch. What it could not fold stays with it and is tried again. */
export class ShardWorker {
  /** Documents waiting in the shard, as last seen. */
  depth = 0;
  private running = false;
  private failing = false;
  private loop: Promise<void> = Promise.resolve();
  private turn: Promise<unknown> = Promise.resolve();
  private pause = new AbortController();
  private retryAtMs: number | undefined;
  private claimAtMs = 0;

  constructor(
    readonly stream: WriteStream,
    private readonly folder: Folder,
    private readonly logger: Logger,
    private readonly limits: WriteBehindLimits,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.pause.abort();
    await this.loop;
  }

  /** Folds what is waiting now, earlier failures included. @returns how many entries are left. */
  async drain(deadlineMs: number): Promise<number> {
    while (Date.now() < deadlineMs) {
      const folded = await this.exclusive(async () => {
        const own = await this.foldOwn();
        return own + (await this.foldNew());
      });
      this.depth = await this.stream.depth();
      if (this.depth === 0 || folded === 0) break;
    }
    return this.depth;
  }

  private async run(): Promise<void> {
    while (this.running) {
      let handled = 0;
      let pauseMs = this.limits.pauseMs;
      try {
        handled = await this.exclusive(() => this.foldOnce());
        this.failing = false;
      } catch (error) {
        const { shard } = this.stream;
        if (!this.failing)
          this.logger.warn({ err: error, shard }, 'documents cannot be folded; trying again and again');
        this.failing = true;
        this.retryAtMs = 0;
        pauseMs = OUTAGE_PAUSE_MS;
      }
      if (handled < this.limits.batch && this.running) {
        this.pause = new AbortController();
        await sleep(pauseMs, undefined, { signal: this.pause.signal }).catch(() => {});
      }
    }
  }

  private async foldOnce(): Promise<number> {
    const nowMs = Date.now();
    let handled = 0;
    if (nowMs >= this.claimAtMs) {
      handled += await this.foldClaimed();
      this.claimAtMs = nowMs + this.limits.claimEveryMs;
      this.depth = await this.stream.depth();
    }
    if (this.retryAtMs !== undefined && nowMs >= this.retryAtMs) handled += await this.foldOwn();
    return handled + (await this.foldNew());
  }

  private async foldNew(): Promise<number> {
    return this.settle(await this.stream.readNew(this.limits.batch));
  }

  private async foldOwn(): Promise<number> {
    this.retryAtMs = undefined;
    const own = await this.stream.readOwn(this.limits.batch);
    if (own.length < this.limits.batch) this.folder.forgetAllBut(own);
    return this.settle(own);
  }

  private async foldClaimed(): Promise<number> {
    const claimed = await this.stream.claim(this.limits.claimIdleMs, this.limits.batch);
    const poisonous = claimed.filter(({ deliveries }) => deliveries >= DELIVERIES_UNTIL_GIVEN_UP);
    if (poisonous.length > 0) {
      const documents = poisonous.map(({ document }) => document);
      const error = `handed out ${DELIVERIES_UNTIL_GIVEN_UP} times and never finished`;
      const buried = await this.folder.giveUp(documents, error);
      await this.stream.finish(buried.doneIds, buried.documents);
    }
    const rest = claimed.filter((one) => !poisonous.includes(one));
    return this.settle(rest.map(({ document }) => document));
  }

  /** @returns how many entries were taken out of the stream. */
  private async settle(queued: Awaited<ReturnType<WriteStream['readNew']>>): Promise<number> {
    if (queued.length === 0) return 0;
    const waiting = new Set(queued.map(({ entryId }) => entryId));
    try {
      const { doneIds, documents, left } = await this.folder.fold(queued);
      if (left > 0) this.retryAtMs = Date.now() + this.limits.retryMs;
      // Only now: a crash before this line has the documents folded once more, which changes nothing.
      if (doneIds.length > 0) await this.stream.finish(doneIds, documents);
      for (const entryId of doneIds) waiting.delete(entryId);
      return doneIds.length;
    } finally {
      // The worker survived what is left, so none of it kills workers, not while PostgreSQL is out either.
      await this.stream.excuse([...waiting]).catch((error: unknown) => {
        this.logger.debug(
          { err: error, shard: this.stream.shard },
          'deliveries are counted too high until the next turn',
        );
      });
    }
  }

  /** The loop and a flush take turns. */
  private exclusive<R>(work: () => Promise<R>): Promise<R> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => {});
    return mine;
  }
}
