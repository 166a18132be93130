// One of many processes does a job. The lock saves work, it does not ensure correctness: a process that stalls may believe
// it leads while another one does, so every write of a job carries the fence or a version, or can be repeated.
import type { Logger } from 'pino';
import Redlock, { ExecutionError, type Lock, ResourceLockedError } from 'redlock';
import { keyspace } from '../../platform/keyspace.js';
import type { RedisClient, RedisLayers } from '../../platform/redis/redis-layers.js';
import { drawFence } from './lock.scripts.js';

/** What came of the work, or why it was not begun here. */
export type LeaderResult<R> =
  | { readonly ran: true; readonly result: R }
  /** `taken`: another process leads; `down`: the lock server gave no answer. */
  | { readonly ran: false; readonly reason: 'taken' | 'down' };

/** What the work is given while it leads. */
export interface Leadership {
  /** Aborted at the moment from which another process may lead. */
  readonly signal: AbortSignal;
  /** Grows with each leader of this name: a store that keeps the greatest fence can refuse the writes of earlier leaders. */
  readonly fence: number;
}

interface Held {
  readonly lock: Lock;
  readonly fence: number;
}

const SHORTEST_TTL_MS = 1_000;

/** Leadership by redlock on the operational layer. */
export class LeaderLock {
  private readonly client: RedisClient;
  private readonly redlock: Redlock;

  constructor(
    redis: RedisLayers,
    private readonly logger: Logger,
  ) {
    this.client = redis.client('operational');
    // One attempt: a process that does not get the lock leaves the job to its holder. One client, so no vote can be split.
    this.redlock = new Redlock([this.client], { retryCount: 0 });
  }

  /**
   * Runs `work` while holding the named lock, which is extended until the work ends. An error of the work is thrown;
   * one of the lock after the work has begun never hides its result.
   * @param ttlMs how long the lock outlives this process, at least 1,000
   */
  async runIfLeader<R>(
    name: string,
    ttlMs: number,
    work: (leadership: Leadership) => Promise<R>,
  ): Promise<LeaderResult<R>> {
    if (ttlMs < SHORTEST_TTL_MS) throw new RangeError(`a lock lasts at least ${SHORTEST_TTL_MS} ms`);
    const held = await this.acquire(name, Math.ceil(ttlMs));
    if (typeof held === 'string') return { ran: false, reason: held };
    const keeper = new Keeper(held.lock, Math.ceil(ttlMs));
    try {
      return { ran: true, result: await work({ signal: keeper.signal, fence: held.fence }) };
    } finally {
      await keeper.release();
    }
  }

  private async acquire(name: string, ttlMs: number): Promise<Held | 'taken' | 'down'> {
    try {
      const lock = await this.redlock.acquire([keyspace.operational.lock(name)], ttlMs);
      const fence = await drawFence(this.client, name, lock.value);
      // Acquiring may have taken longer than the lock lasts.
      return fence !== undefined && lock.expiration > Date.now() ? { lock, fence } : 'taken';
    } catch (error) {
      if (await isTaken(error)) return 'taken';
      this.logger.warn({ err: error, lock: name }, 'a lock could not be asked for');
      return 'down';
    }
  }
}

/** Extends a lock at each third of its time, and tells when it has run out or somebody else has it. */
class Keeper {
  private readonly lost = new AbortController();
  private extension: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private lock: Lock,
    private readonly ttlMs: number,
  ) {
    this.watch();
  }

  get signal(): AbortSignal {
    return this.lost.signal;
  }

  async release(): Promise<void> {
    this.end();
    await this.lock.release().catch(() => {}); // it expires by itself
  }

  /** The end of the lock has a timer of its own: an extension that hangs must not put it off. */
  private watch(): void {
    clearTimeout(this.expiry);
    this.expiry = setTimeout(() => this.lose(), this.lock.expiration - Date.now());
    this.extension = setTimeout(() => void this.extend(), this.ttlMs / 3);
  }

  private async extend(): Promise<void> {
    const extended = await this.lock.extend(this.ttlMs).catch(async (error: unknown) => {
      if (await isTaken(error)) this.lose();
      return this.lock;
    });
    if (this.ended) return;
    if (extended === this.lock) this.extension = setTimeout(() => void this.extend(), this.ttlMs / 3);
    else {
      this.lock = extended;
      this.watch();
    }
  }

  private lose(): void {
    if (!this.ended) this.lost.abort(new Error('the lock was lost'));
    this.end();
  }

  private end(): void {
    this.ended = true;
    clearTimeout(this.extension);
    clearTimeout(this.expiry);
  }
}

/** Redlock gives one error for "somebody has it" and for "no answer": the votes tell which. */
async function isTaken(error: unknown): Promise<boolean> {
  if (!(error instanceof ExecutionError)) return false;
  const votes = await Promise.all(error.attempts);
  return votes.some((vote) => [...vote.votesAgainst.values()].some((reason) => reason instanceof ResourceLockedError));
}
