// Group commit: what is asked for while a batch is in flight goes into the next one. An idle batcher sends at once, so
// that a lonely caller waits for nobody; under load the batches grow by themselves (DeWitt et al.: Implementation
// Techniques for Main Memory Database Systems, SIGMOD 1984, section 5.2).

import { AppError } from './errors.js';

/** How a batch is carried out: one result for each item, in the order of the items. */
export type RunBatch<I, O> = (items: readonly I[]) => Promise<readonly O[]>;

/** Far more than one turn of a busy shop asks for: this many wait only when batches no longer end. */
const MAX_WAITING = 4_096;

/** A statement for many has ended by then, unless something is in its way. */
const LONG_MS = 50;

export interface BatchLimits<I> {
  readonly maxItems: number;
  /** How many batches at once. */
  readonly maxInFlight: number;
  /**
   * While one is under way, another begins at once only with this many items (1 by default): together they cost less. It
   * begins with fewer when the one under way takes long, like one that waits for a locked row.
   */
  readonly minBeside?: number;
  /** Whether the next item can go with those before it; otherwise it begins another batch. */
  readonly goesWith?: (batch: readonly I[], next: I) => boolean;
  /**
   * Whether a batch may have failed, without effect, because of one of its items: then each is carried out alone, one after
   * the other, so that none fails with the error of another. Without it all of them fail.
   */
  readonly mayBeOfOne?: (error: unknown) => boolean;
}

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects single requests into batches. Bounded in how much runs at once, and in how much waits. */
export class MicroBatch<I, O> {
  private readonly waiting: Waiting<I, O>[] = [];
  private inFlight = 0;
  private impatient: NodeJS.Timeout | undefined;

  constructor(
    private readonly run: RunBatch<I, O>,
    private readonly limits: BatchLimits<I>,
  ) {}

  /** @throws what the batch of this item threw (see `mayBeOfOne`); `unavailable` when too many wait */
  add(item: I): Promise<O> {
    if (this.waiting.length >= MAX_WAITING) {
      const detail = 'Too many requests wait for the same thing. Try again shortly.';
      return Promise.reject(new AppError('unavailable', { detail, retryAfterS: 1 }));
    }
    return new Promise<O>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // What the same turn of the event loop asks for goes out together, whichever connection it came from.
      if (this.waiting.length === 1 || this.waiting.length === this.limits.minBeside) setImmediate(() => this.send());
    });
  }

  private send(): void {
    while (this.mayBegin(this.limits.minBeside ?? 1)) this.begin();
    if (this.limits.minBeside && this.waiting.length > 0) {
      this.impatient ??= setTimeout(() => this.sendFew(), LONG_MS);
    }
  }

  private sendFew(): void {
    this.impatient = undefined;
    if (this.mayBegin(1)) this.begin();
    this.send();
  }

  private begin(): void {
    this.inFlight += 1;
    void this.carryOut(this.waiting.splice(0, this.nextSize()));
  }

  private mayBegin(minBeside: number): boolean {
    const enough = this.inFlight === 0 ? 1 : minBeside;
    return this.inFlight < this.limits.maxInFlight && this.waiting.length >= enough;
  }

  /** In order of arrival: items that go together more easily do not overtake others. */
  private nextSize(): number {
    const { maxItems, goesWith } = this.limits;
    if (!goesWith) return maxItems;
    const batch: I[] = [];
    for (const { item } of this.waiting.slice(0, maxItems)) {
      if (batch.length > 0 && !goesWith(batch, item)) break;
      batch.push(item);
    }
    return batch.length;
  }

  private async carryOut(batch: readonly Waiting<I, O>[]): Promise<void> {
    await this.answer(batch);
    this.inFlight -= 1;
    this.send();
  }

  private async answer(batch: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const results = await this.run(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error('A batch must answer each of its items.');
      batch.forEach(({ resolve }, i) => {
        resolve(results[i] as O);
      });
    } catch (error) {
      if (batch.length > 1 && this.limits.mayBeOfOne?.(error)) {
        for (const one of batch) await this.answer([one]);
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
