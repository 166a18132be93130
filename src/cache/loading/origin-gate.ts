import { setTimeout as sleep } from 'node:timers/promises';
import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from 'cockatiel';
import { isConnectionLost } from '../../platform/database/database.js';
import { AppError, unavailable } from '../../platform/errors.js';
import { TokenBucket } from '../../platform/token-bucket.js';

export interface OriginLimits {
  /** Loads at once, and loads that may wait for a place. */
  readonly concurrency: number;
  readonly queue: number;
  /** A load that has not ended after this long never will: longer than its query may run in the origin (ms). */
  readonly loadLifeMs: number;
  /** Most loads per second while redis is out; undefined: no limit. */
  readonly standbyPerS?: number | undefined;
}

const MAX_RETRIES = 2;
const FIRST_RETRY_MS = 20;

/** Why the origin was not asked at all. */
class OriginLimited extends Error {}

/** Whether a load was refused because too many wanted the origin. */
export function isOriginLimited(error: unknown): boolean {
  return error instanceof AppError && error.options.cause instanceof OriginLimited;
}

/**
 * Bounds the loads that reach the origin at once and, while redis is out, per second. After its deadline nobody waits for a
 * load any more, but its query may still run in the origin: it keeps its place until it has ended. A load that lost its
 * connection is tried again while places are free: after a pause drawn from 0 up to a limit that doubles ("full jitter":
 * Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015).
 */
export class OriginGate {
  private readonly places: BulkheadPolicy;
  private readonly standby: TokenBucket | undefined;

  constructor(
    private readonly limits: OriginLimits,
    private readonly isRedisOut: () => boolean,
  ) {
    const { concurrency, queue, standbyPerS } = limits;
    this.places = bulkhead(concurrency, queue);
    if (standbyPerS !== undefined) this.standby = new TokenBucket(standbyPerS, performance.now());
  }

  /** @throws AppError `unavailable` when there is no place or the deadline has passed; else what the load throws. */
  async run<R>(deadlineMs: number, load: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const deadline = new Deadline(deadlineMs);
    try {
      for (let retries = 0; ; retries++) {
        try {
          return await this.attempt(deadline, load);
        } catch (error) {
          if (retries === MAX_RETRIES || !isConnectionLost(error) || this.freePlaces === 0) throw error;
        }
        await deadline.race(sleep(Math.random() * FIRST_RETRY_MS * 2 ** retries));
      }
    } finally {
      deadline.clear();
    }
  }

  private async attempt<R>(deadline: Deadline, load: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const waitMs = this.isRedisOut() ? this.standby?.take(performance.now()) : 0;
    if (waitMs) throw limited(waitMs);
    try {
      return await deadline.race(
        this.places.execute(() => {
          deadline.signal.throwIfAborted();
          return endWithin(this.limits.loadLifeMs, load(deadline.signal));
        }),
      );
    } catch (error) {
      throw error instanceof BulkheadRejectedError ? limited(1_000) : error;
    }
  }

  get freePlaces(): number {
    return this.places.executionSlots;
  }
}

function limited(retryAfterMs: number): AppError {
  return unavailable('The store behind the cache', Math.ceil(retryAfterMs / 1_000), new OriginLimited());
}

/** Ends with the work, or after the time: work that never ends must not keep its place for good. */
async function endWithin<R>(timeMs: number, work: Promise<R>): Promise<R> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(unavailable('The store behind the cache')), timeMs).unref();
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

class Deadline {
  private readonly controller = new AbortController();
  private readonly passed: Promise<never>;
  private readonly timer: NodeJS.Timeout;

  constructor(deadlineMs: number) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.passed = promise;
    promise.catch(() => {});
    this.timer = setTimeout(() => {
      const error = unavailable('The store behind the cache');
      this.controller.abort(error);
      reject(error);
    }, deadlineMs);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  race<R>(work: Promise<R>): Promise<R> {
    return Promise.race([work, this.passed]);
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}
