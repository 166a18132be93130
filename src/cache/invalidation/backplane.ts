// Follows the stream of invalidations and knows whether this process is current. It is current while a read of the
// clock, not older than the stale bound, has shown that every message so far was applied. Messages of one lineage carry
// consecutive stamps, so a lost message, a trimmed or flushed stream, a restart or a late reconnect all show as a
// difference between the clock and what was followed; then everything in memory is dropped and read anew.
//
//   state      isWhole  trusted  isDown   what reads do                                     it ends
//   current    yes      yes      no       believe memory and ask redis                      with the bound, unless proved again
//   failing    yes      yes      yes      believe memory; what redis answers is not taken   with the bound, or proved again
//   in doubt   yes      no       no       wait for one look (`ensureCurrent`)               proved, or that look fails
//   down       yes      no       yes      take memory as stale, else ask the origin         proved
//   lost       no       no       either   as in doubt, or as down                           when it has begun anew
//
// "Trusted" is `now < trustedUntilMs`; a lost backplane is never trusted (`lose`). It begins as lost, with a `TagSpace` that
// has no lineage yet, and not down. An invalidation that could not be sent to redis makes it down at once (`distrust`), and
// nothing is proved until it has been sent. When one of the two connections begins anew, what the other one has read is
// dropped (`hasMoved`).
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../../platform/clock.js';
import type { RedisClient, RedisLayers } from '../../platform/redis/redis-layers.js';
import { cacheLimits } from '../cache-policy.js';
import type { RedisGuard } from '../tiers/redis-guard.js';
import { lookAtClock, openClock } from './clock.scripts.js';
import type { ReceivedMessage } from './messages.js';
import { READ_COUNT, StreamFollower } from './stream-follower.js';
import type { TagSpace } from './tag-space.js';
import { loadTagStamps } from './tag-stamps.js';

/** What the backplane makes happen in this process. */
export interface BackplaneEffects {
  /** A message of another process. */
  apply(message: ReceivedMessage): void;
  /** Messages may have been missed: nothing in memory can be believed. */
  dropAll(): void;
  /** Sends what could not be sent before. @returns whether nothing is left. */
  replayPending(): Promise<boolean>;
  hasPending(): boolean;
}

export interface BackplaneOptions {
  readonly source: string;
  readonly staleBoundMs: number;
  readonly followBlockMs: number;
}

const RETRY_MS = 100;
const CONNECTING_MS = 25;
const FIRST_PROOF_MS = 2_000;

export class Backplane {
  /** Until then memory may be believed. */
  trustedUntilMs = 0;
  /** The last attempt to become current failed: reads go on without redis, and do not wait for it. */
  isDown = false;
  /** How often messages were or may have been missed. */
  gaps = 0;
  private readonly stream: StreamFollower;
  /** Lineage and stamps are those of redis: nothing was lost since they were taken over, and none is missing. */
  private isWhole = false;
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private catchingUp: Promise<boolean> | undefined;
  private resyncing: Promise<void> | undefined;
  private effects: BackplaneEffects | undefined;
  /** The last read of the stream failed. Not a state of its own: it only keeps the log to one warning. */
  private isStreamLost = false;

  constructor(
    private readonly guard: RedisGuard,
    private readonly space: TagSpace,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: BackplaneOptions,
  ) {
    this.stream = new StreamFollower(space, options.source);
  }

  /** Begins to follow. Resolves when the process is current, or after a while when redis is out. */
  async start(redis: RedisLayers, effects: BackplaneEffects): Promise<void> {
    this.effects = effects;
    this.running = true;
    const reader = redis.dedicated('application', { commandTimeout: cacheLimits.followBlockMs + 700 });
    this.loop = this.follow(reader);
    redis.onReady('application', async () => {
      if (this.running) await this.catchUp();
    });
    const giveUpAtMs = this.clock.nowMs() + FIRST_PROOF_MS;
    while (!this.isCurrent() && this.clock.nowMs() < giveUpAtMs) await sleep(10);
  }

  /** Ends after the read under way. The connection is closed with the layers. */
  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
  }

  isCurrent(): boolean {
    return this.clock.nowMs() < this.trustedUntilMs;
  }

  /** Makes the process current if it is not. @returns whether it is; false means: go on without redis. */
  async ensureCurrent(): Promise<boolean> {
    if (this.isCurrent()) return true;
    if (this.isDown) return false;
    this.catchingUp ??= this.catchUp().finally(() => {
      this.catchingUp = undefined;
    });
    return this.catchingUp;
  }

  /** An invalidation of this process could not be sent to redis, which must not be read until it has been. */
  distrust(): void {
    this.trustedUntilMs = 0;
    this.isDown = true;
  }

  /** Redis has another space of stamps: nothing read under this one proves anything. */
  lose(): void {
    this.isWhole = false;
    this.trustedUntilMs = 0;
    this.gaps++;
    this.effects?.dropAll();
  }

  private async catchUp(): Promise<boolean> {
    if (!(await this.effects?.replayPending())) return false;
    const outcome = await this.guard.run((client) => this.turn(client));
    if (!outcome.ok) this.isDown = true;
    return this.isCurrent();
  }

  private async follow(reader: RedisClient): Promise<void> {
    while (this.running) {
      if (!(await this.followOnce(reader))) await sleep(reader.status === 'ready' ? RETRY_MS : CONNECTING_MS);
    }
  }

  /** @returns whether the stream can be read on at once. */
  private async followOnce(reader: RedisClient): Promise<boolean> {
    try {
      if (reader.status === 'ready') {
        // While invalidations wait to be sent, redis is not believed (`prove`); messages of others are still applied.
        const isTold = await this.effects?.replayPending();
        await this.turn(reader, this.options.followBlockMs);
        this.isStreamLost = false;
        return isTold === true && this.isCurrent();
      }
    } catch (error) {
      if (this.running && !this.isStreamLost)
        this.logger.warn({ err: error }, 'the stream of cache invalidations was lost');
      this.isStreamLost = true;
    }
    this.doubtFuture();
    // The other connection may still work; if it does not, `catchUp` marks redis as down for all reads.
    if (this.running) await this.catchUp();
    return false;
  }

  /** One look at the clock and the stream; with `blockMs` it waits for the next message. */
  private async turn(client: RedisClient, blockMs?: number): Promise<void> {
    if (this.resyncing) return this.resyncing;
    const epoch = this.space.epoch;
    const startedAtMs = this.clock.nowMs();
    const seen = this.stream.seenStamp;
    const clockReply = lookAtClock(client);
    let reading = this.stream.read(client, blockMs);
    reading.catch(() => {}); // awaited below, unless the clock fails first
    const { lineage, stamp, floor } = await clockReply;
    if (this.hasMoved(epoch)) return;
    const isSame = this.isWhole && lineage !== '' && lineage === this.space.lineage;
    if (!isSame || stamp < seen) return this.resync(client);
    this.space.raiseFloor(floor);
    // Known before the blocking read ends: nothing is missing.
    if (this.stream.followed >= stamp) this.prove(startedAtMs);
    for (;;) {
      const messages = await reading;
      if (this.hasMoved(epoch)) return;
      if (!this.isWhole) return this.resync(client);
      if (!this.stream.take(messages, (message) => this.effects?.apply(message))) return this.resync(client);
      if (this.stream.followed >= stamp) return this.prove(startedAtMs);
      if (messages.length < READ_COUNT) return this.resync(client);
      reading = this.stream.read(client, undefined);
    }
  }

  /** The other connection began anew meanwhile: what this one has read is outdated. */
  private hasMoved(epoch: number): boolean {
    return this.resyncing !== undefined || this.space.epoch !== epoch;
  }

  private prove(atMs: number): void {
    if (this.effects?.hasPending()) return;
    this.isDown = false;
    this.doubtFuture();
    this.trustedUntilMs = Math.max(this.trustedUntilMs, atMs + this.options.staleBoundMs);
  }

  /** A clock that was set back must not extend trust in memory beyond what was proved. */
  private doubtFuture(): void {
    if (this.trustedUntilMs > this.clock.nowMs() + this.options.staleBoundMs) this.trustedUntilMs = 0;
  }

  private resync(client: RedisClient): Promise<void> {
    this.resyncing ??= this.beginAnew(client).finally(() => {
      this.resyncing = undefined;
    });
    return this.resyncing;
  }

  /** Drops what is in memory and takes over the stamps as redis has them. */
  private async beginAnew(client: RedisClient): Promise<void> {
    const known = this.space.lineage !== '';
    if (known) this.logger.warn('cache invalidations may have been missed: memory is dropped');
    this.lose();
    const { gaps } = this;
    const startedAtMs = this.clock.nowMs();
    const state = await openClock(client, randomBytes(9).toString('base64url'), {
      lineage: this.space.lineage,
      stamp: this.stream.seenStamp,
    });
    this.space.restart(state);
    // Again: what was loaded since `lose` may be older than a message that will not be read.
    this.effects?.dropAll();
    this.stream.beginAfter(state);
    await loadTagStamps(client, this.space);
    // Lost once more meanwhile: the next turn begins anew.
    if (this.gaps !== gaps) return;
    this.isWhole = true;
    this.prove(startedAtMs);
  }
}
