// What this process knows of the tag stamps kept in redis. All comparisons are made here, synchronously, on the logical
// clock of redis; no application clock takes part. While redis cannot be reached, invalidations of this process get
// stamps between two numbers of that clock: later than everything known, earlier than whatever redis gives next.
//
//   changed by     lineage  stamp             floor   version  epoch
//   see                     up
//   apply                   up                        + 1
//   applyLocally            up by a fraction          + 1
//   raiseFloor                                up      + 1
//   restart        another  as given          as given  + 1    + 1
//
// Until the next `restart`, which may name the same lineage once more, neither stamp nor floor goes down.
import { cacheLimits } from '../cache-policy.js';

/** What a stamp made here adds to the last one. Exact in a double for logical clocks up to 2^33. */
const LOCAL_STEP = 2 ** -20;
const MOST_LOCAL = 0.5;

export const EVERYTHING = '#all';
export const categoryTag = (category: string): string => `#category:${category}`;

const KEYS = '#key:';
/** The tag that stamps one key whose entry could not be deleted. */
export const keyTag = (categoryMark: string, key: string): string => `${KEYS}${categoryMark}:${key}`;

/** What is compared: anything that remembers its tags and when its load began. */
export interface Stamped {
  readonly tags: readonly string[];
  readonly stamp: number;
  readonly lineage: string;
}

export class TagSpace {
  /** Random name of the clock's lifetime: if redis names another one, it has lost its stamps. Empty until known. */
  lineage = '';
  /** The latest stamp known. A load that begins now carries it. */
  stamp = 0;
  /** Changes whenever an entry could have become void, so that hits compare tags only then. */
  version = 0;
  /** Changes when all that was known becomes doubtful: loads that began before must not be kept. */
  epoch = 0;
  /** Stamps up to here may have been forgotten, so entries from before are void. */
  private floor = 0;
  private readonly stamps = new Map<string, number>();
  private hasKeys = false;
  /** Number of tags stamped here since the space began, unknown to redis. */
  private localTags = 0;

  /** Whether an invalidation came after the load of the entry began, or could have and was forgotten. */
  isVoid(entry: Stamped, categoryMark: string): boolean {
    if (entry.lineage !== this.lineage || entry.stamp < this.floor) return true;
    if (entry.stamp >= this.stamp) return false; // nothing was invalidated since, whatever its tags are
    if (this.stampOf(EVERYTHING) > entry.stamp || this.stampOf(categoryMark) > entry.stamp) return true;
    for (const tag of entry.tags) {
      if (this.stampOf(tag) > entry.stamp) return true;
    }
    return false;
  }

  /** Whether the entry's key is stamped because it could not be deleted from redis. Usually no key is. */
  isKeyVoid(entry: Stamped, categoryMark: string, key: string): boolean {
    return this.hasKeys && this.stampOf(keyTag(categoryMark, key)) > entry.stamp;
  }

  /** Whether an entry from redis is void by one of its tags or by its key. */
  isEntryVoid(entry: Stamped, categoryMark: string, key: string): boolean {
    return this.isVoid(entry, categoryMark) || this.isKeyVoid(entry, categoryMark, key);
  }

  /** Takes note of a stored entry's stamp: the clock has come so far, even if its messages were not read here yet. */
  see({ lineage, stamp }: Stamped): void {
    if (lineage === this.lineage && stamp > this.stamp) this.stamp = stamp;
  }

  /** Takes over an invalidation stamped by redis, in any order and any number of times. */
  apply(tags: readonly string[], stamp: number): void {
    for (const tag of tags) {
      if (stamp > this.stampOf(tag)) this.stamps.set(tag, stamp);
      if (tag.startsWith(KEYS)) this.hasKeys = true;
    }
    if (stamp > this.stamp) this.stamp = stamp;
    if (tags.length > 0) this.version++;
  }

  /**
   * Applies an invalidation that redis could not be told about.
   * @returns false when there have been so many that a stamp could meet the next one of redis, or more tags than redis would
   *   keep: the caller must `restart`.
   */
  applyLocally(tags: readonly string[]): boolean {
    const next = this.stamp + LOCAL_STEP;
    if (next - Math.floor(next) > MOST_LOCAL || this.localTags + tags.length > cacheLimits.maxTagMarkers) return false;
    const { size } = this;
    this.apply(tags, next);
    this.localTags += this.size - size;
    return true;
  }

  /** Forgets stamps that redis has forgotten. */
  raiseFloor(floor: number): void {
    if (floor <= this.floor) return;
    this.floor = floor;
    this.version++;
    for (const [tag, stamp] of this.stamps) {
      if (stamp <= floor) this.stamps.delete(tag);
    }
  }

  /** Begins anew with another space, or with the same one after messages were missed. */
  restart(space: { readonly lineage: string; readonly stamp: number; readonly floor: number }): void {
    this.lineage = space.lineage;
    this.stamp = space.stamp;
    this.floor = space.floor;
    this.stamps.clear();
    this.hasKeys = false;
    this.localTags = 0;
    this.version++;
    this.epoch++;
  }

  /** The space at the last stamp of redis, with all that was loaded before it void. */
  snapshot(): { lineage: string; stamp: number; floor: number } {
    return { lineage: this.lineage, stamp: Math.floor(this.stamp), floor: Math.floor(this.stamp) };
  }

  get size(): number {
    return this.stamps.size;
  }

  private stampOf(tag: string): number {
    return this.stamps.get(tag) ?? 0;
  }
}
