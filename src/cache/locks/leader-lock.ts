// One of many processes does a job. The lock saves work; it does not make anything right: a process that stalls may
// believe it leads while another one does, so every write of a job carries a version or can be repeated.
import type { Logger } from 'pino';
import Redlock, { ExecutionError, type Lock, ResourceLockedError } from 'redlock';
import { keyspace } from '../../platform/keyspace.js';
import type { RedisLayers } from '../../platform/redis/redis-layers.js';

export type LeaderResult<R> =
  | { readonly ran: true; readonly result: R }
  /** `taken`: another process leads; `down`: the lock server gave no answer. */
  | { readonly ran: false; readonly reason: 'taken' | 'down' };

const SHORTEST_TTL_MS = 1_000;

/** Leadership by redlock on the operational layer. */
export class LeaderLock {
  private readonly redlock: Redlock;

  constructor(
    redis: RedisLayers,
    private readonly logger: Logger,
  ) {
    // One attempt: who does not get it leaves the job to whoever has it. One client, so no vote can be split.
    this.redlock = new Redlock([redis.client('operational')], { retryCount: 0 });
  }

  /**
   * Runs `work` while holding the named lock, which is extended until the work ends; `signal` is aborted when it was
   * lost. An error of the work is thrown; one of the lock after the work has begun never hides its result.
   * @param ttlMs how long the lock outlives this process, at least 1,000
   */
  async runIfLeader<R>(
    name: string,
    ttlMs: number,
    work: (signal: AbortSignal) => Promise<R>,
  ): Promise<LeaderResult<R>> {
    if (ttlMs < SHORTEST_TTL_MS) throw new RangeError(`a lock lasts at least ${SHORTEST_TTL_MS} ms`);
    const held = await this.acquire(name, Math.ceil(ttlMs));
    if (typeof held === 'string') return { ran: false, reason: held };
    const lost = new AbortController();
    const keeper = this.keep(held, Math.ceil(ttlMs), lost);
    try {
      return { ran: true, result: await work(lost.signal) };
    } finally {
      const lock = keeper.stop();
      await lock.release().catch(() => {}); // it expires by itself
    }
  }

  private async acquire(name: string, ttlMs: number): Promise<Lock | 'taken' | 'down'> {
    try {
      const lock = await this.redlock.acquire([keyspace.operational.lock(name)], ttlMs);
      // Acquiring may have taken longer than the lock lasts.
      return lock.expiration > Date.now() ? lock : 'taken';
    } catch (error) {
      if (await isTaken(error)) return 'taken';
      this.logger.warn({ err: error, lock: name }, 'a lock could not be asked for');
      return 'down';
    }
  }

  /** Extends the lock at a third of its time, and gives up when it has run out. */
  private keep(first: Lock, ttlMs: number, lost: AbortController): { stop(): Lock } {
    let lock = first;
    let stopped = false;
    let timer: NodeJS.Timeout;
    const extend = async (): Promise<void> => {
      try {
        lock = await lock.extend(ttlMs);
      } catch (error) {
        if (Date.now() >= lock.expiration || (await isTaken(error))) {
          if (!stopped) lost.abort(new Error('the lock was lost'));
          return;
        }
      }
      schedule();
    };
    const schedule = (): void => {
      if (!stopped) timer = setTimeout(() => void extend(), ttlMs / 3);
    };
    schedule();
    return {
      stop() {
        stopped = true;
        clearTimeout(timer);
        return lock;
      },
    };
  }
}

/** Redlock gives one error for "somebody has it" and for "no answer": the votes tell which. */
async function isTaken(error: unknown): Promise<boolean> {
  if (!(error instanceof ExecutionError)) return false;
  const votes = await Promise.all(error.attempts);
  return votes.some((vote) => [...vote.votesAgainst.values()].some((reason) => reason instanceof ResourceLockedError));
}
