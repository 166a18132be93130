// Storage bounded in entries and bytes that a scan does not flush: S3-FIFO (Yang, Zhang, Qiu, Yue, Vigfusson: FIFO queues
// are all you need for cache eviction, SOSP 2023). A new entry goes into a small queue, and moves on to the main one only if
// it was read more than once meanwhile; one that is stored again soon after its eviction goes straight into the main queue.
// A hit counts, and moves nothing.
import { crc32 } from 'node:zlib';
import { FifoQueue, type Queued } from './fifo-queue.js';

/** What is stored. */
export interface Stored extends Queued {
  readonly key: string;
  /** Hits since it was stored, less what evictions have taken. */
  uses: number;
}

/** Share of the small queue, as in the paper (section 4.1). */
const SMALL_SHARE = 0.1;
/** A hit count beyond this says no more, and would keep an entry for too many rounds. */
const MOST_USES = 3;

export class ScanResistantStore<V extends Stored> {
  /** What was dropped to make room. */
  evictions = 0;
  private readonly byKey = new Map<string, V>();
  private small = new FifoQueue<V>();
  private main = new FifoQueue<V>();
  private readonly ghosts: Ghosts;

  constructor(
    private readonly maxEntries: number,
    private readonly maxBytes: number,
  ) {
    this.ghosts = new Ghosts(maxEntries);
  }

  get(key: string): V | undefined {
    const value = this.byKey.get(key);
    if (value !== undefined) value.uses++;
    return value;
  }

  /** Looks without counting as a use. */
  look(key: string): V | undefined {
    return this.byKey.get(key);
  }

  /**
   * @param previous what `look` has just found under its key: in a large store each look costs
   * @returns whether it was stored: one entry must not push out all the others.
   */
  set(value: V, previous: V | undefined): boolean {
    const wasInMain = previous?.queue === this.main;
    if (previous) this.delete(value.key);
    if (value.bytes > this.maxBytes / 8) return false;
    while (this.entries >= this.maxEntries || this.bytes + value.bytes > this.maxBytes) this.evictOne();
    this.byKey.set(value.key, value);
    (wasInMain || this.ghosts.take(value.key) ? this.main : this.small).push(value);
    return true;
  }

  delete(key: string): boolean {
    const value = this.byKey.get(key);
    if (!value) return false;
    (value.queue === this.main ? this.main : this.small).remove(value);
    return this.byKey.delete(key);
  }

  clear(): void {
    this.byKey.clear();
    this.small = new FifoQueue();
    this.main = new FifoQueue();
  }

  keys(): Iterable<string> {
    return this.byKey.keys();
  }

  get entries(): number {
    return this.byKey.size;
  }

  get bytes(): number {
    return this.main.bytes + this.small.bytes;
  }

  private evictOne(): void {
    const { small, main } = this;
    const isSmallFull = small.size > this.maxEntries * SMALL_SHARE || small.bytes > this.maxBytes * SMALL_SHARE;
    if (isSmallFull || main.size === 0) this.evictSmall();
    else this.evictMain();
  }

  private evictSmall(): void {
    const oldest = this.small.shift();
    if (!oldest) return;
    if (oldest.uses > 1) {
      oldest.uses = 0;
      this.main.push(oldest);
      return;
    }
    this.ghosts.add(oldest.key);
    this.drop(oldest);
  }

  private evictMain(): void {
    const oldest = this.main.shift();
    if (!oldest) return;
    if (oldest.uses > 0) {
      oldest.uses = Math.min(oldest.uses, MOST_USES) - 1;
      this.main.push(oldest);
      return;
    }
    this.drop(oldest);
  }

  private drop(value: V): void {
    this.byKey.delete(value.key);
    this.evictions++;
  }
}

/** The keys evicted lately, roughly: one checksum in each place, which the next one that falls there replaces. */
class Ghosts {
  private readonly prints: Uint32Array;

  constructor(atLeast: number) {
    this.prints = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, atLeast))));
  }

  add(key: string): void {
    const print = crc32(key);
    this.prints[print & (this.prints.length - 1)] = print;
  }

  /** @returns whether it was there. */
  take(key: string): boolean {
    const print = crc32(key);
    const place = print & (this.prints.length - 1);
    if (print === 0 || this.prints[place] !== print) return false;
    this.prints[place] = 0;
    return true;
  }
}
