import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from 'cockatiel';
import { unavailable } from '../../platform/errors.js';

/** Lets a bounded number of loads reach the origin at once, and gives each a deadline that frees its place. */
export class OriginGate {
  private readonly places: BulkheadPolicy;

  constructor(concurrency: number, queue: number) {
    this.places = bulkhead(concurrency, queue);
  }

  /** @throws AppError `unavailable` when there is no place or the deadline has passed; else what the load throws. */
  async run<R>(deadlineMs: number, load: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const deadline = new Deadline(deadlineMs);
    try {
      // The inner race gives the place back although a load that hangs never ends; the outer one covers the queue.
      return await deadline.race(
        this.places.execute(() => {
          deadline.signal.throwIfAborted();
          return deadline.race(load(deadline.signal));
        }),
      );
    } catch (error) {
      if (error instanceof BulkheadRejectedError) throw unavailable('The store behind the cache', 1, error);
      throw error;
    } finally {
      deadline.clear();
    }
  }

  get freePlaces(): number {
    return this.places.executionSlots;
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
