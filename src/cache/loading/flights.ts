// What is being loaded now, by key: those who ask for the same key wait for the same load. A flight is also the lease
// of its load on the memory tier: an invalidation makes it void, so its result is not kept, and takes it out of the
// map, so nobody who asks after the invalidation is given what was read before it.
//
// The life of a flight, and who writes what of it then:
//
//   begun      by `ReadThrough`           key, epoch; `renews` when redis has an entry that is served meanwhile
//   looked up  in redis by `FoundEntries` `previous`, whatever there is; `fallback` when it is late beyond its stale time
//   leased     by `RedisWay`              `token`, and `leads` when nobody else had the lease
//   ended      by `Landing`               with an entry (`land`) or an error (`fail`), once: the first end counts. An error
//                                         on the way fails it in `ReadThrough`, a value that makes no entry in `OriginWay`
//
// A way past redis skips the two in the middle; a flight that follows another process repeats them. `voided` may be set
// at any time: by an invalidation (`Flights`), or by `OriginWay` for a value with too many tags to be kept.
import type { Degradation } from '../cache-answer.js';
import type { CacheEntry, Tier } from '../tiers/cache-entry.js';

export interface Landed<T> {
  readonly entry: CacheEntry<T>;
  readonly tier: Tier;
  /** The origin failed, or is being asked in the background. */
  readonly stale: boolean;
  readonly degraded?: Degradation | undefined;
}

export class Flight<T> {
  /** Set when its key was invalidated: its result goes to those who wait, and is not kept. */
  voided = false;
  /** Token of the lease in redis; without one redis is not filled. */
  token: string | undefined;
  /** The lease was given to this flight: others wait for it. */
  leads = false;
  /** The entry in redis, usable or not: a loader may find it unchanged. */
  previous: CacheEntry<T> | undefined;
  /** The entry in redis that this flight refreshes: it is served meanwhile, so nobody waits. */
  renews: CacheEntry<T> | undefined;
  /** How it ended, once it has. */
  private landed: Landed<T> | undefined;
  private failure: { readonly error: unknown } | undefined;
  private waiting: PromiseWithResolvers<Landed<T>> | undefined;
  private late: CacheEntry<T> | undefined;
  private lateFound: PromiseWithResolvers<void> | undefined;

  constructor(
    readonly key: string,
    /** Epoch of the tag space at its start. */
    readonly epoch: number,
  ) {}

  /** Made when somebody waits: a background refresh needs none, and `readMany` waits for all flights at once. */
  get promise(): Promise<Landed<T>> {
    if (!this.waiting) {
      this.waiting = Promise.withResolvers<Landed<T>>();
      if (this.landed) this.waiting.resolve(this.landed);
      else if (this.failure) this.waiting.reject(this.failure.error);
    }
    return this.waiting.promise;
  }

  /** @throws what it failed with. @returns undefined as long as it has not ended */
  get result(): Landed<T> | undefined {
    if (this.failure) throw this.failure.error;
    return this.landed;
  }

  /** The first end counts. */
  land(landed: Landed<T>): void {
    if (this.landed || this.failure) return;
    this.landed = landed;
    this.waiting?.resolve(landed);
  }

  fail(error: unknown): void {
    if (this.landed || this.failure) return;
    this.failure = { error };
    this.waiting?.reject(error);
  }

  /** An entry past its time, for the case that the origin fails or takes too long. */
  get fallback(): CacheEntry<T> | undefined {
    return this.late;
  }

  set fallback(entry: CacheEntry<T>) {
    this.late = entry;
    this.lateFound?.resolve();
  }

  /** Resolves when there is a fallback. */
  whenLate(): Promise<void> {
    if (this.late) return Promise.resolve();
    this.lateFound ??= Promise.withResolvers();
    return this.lateFound.promise;
  }
}

/** Holds only keys with loads under way, so it needs no bound of its own. */
export class Flights<T> {
  private readonly byKey = new Map<string, Flight<T>>();

  get(key: string): Flight<T> | undefined {
    return this.byKey.get(key);
  }

  begin(key: string, epoch: number): Flight<T> {
    this.void(key);
    const flight = new Flight<T>(key, epoch);
    this.byKey.set(key, flight);
    return flight;
  }

  end(flight: Flight<T>): void {
    if (this.byKey.get(flight.key) === flight) this.byKey.delete(flight.key);
  }

  void(key: string): void {
    const flight = this.byKey.get(key);
    if (!flight) return;
    flight.voided = true;
    this.byKey.delete(key);
  }

  voidAll(): void {
    for (const flight of this.byKey.values()) flight.voided = true;
    this.byKey.clear();
  }

  get size(): number {
    return this.byKey.size;
  }
}
