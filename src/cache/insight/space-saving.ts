// The most frequent keys of a stream in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi: Efficient Computation
// of Frequent and Top-k Elements in Data Streams, ICDT 2005). A key that is not counted yet takes the place of the least
// frequent one and inherits its count as error. Any key with more than a 1/capacity share of all is among the counted
// ones, and no count is too low. Old accesses fade by forward decay (Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay,
// ICDE 2009): later ones weigh more, so that nothing has to be swept.

interface Counter {
  key: string;
  count: number;
  error: number;
  /** Its place in the heap. */
  at: number;
}

export interface FrequentKey {
  readonly key: string;
  /** Accesses, faded: at least the true number, and at most `error` more. */
  readonly count: number;
  readonly error: number;
}

/** Beyond this many half-lives the weights are scaled back, long before they lose precision. */
const MOST_HALF_LIVES = 32;

export class SpaceSaving {
  private readonly byKey = new Map<string, Counter>();
  /** The least count on top. */
  private readonly heap: Counter[] = [];
  private sum = 0;
  private landmarkMs: number | undefined;

  constructor(
    private readonly capacity: number,
    /** After this long an access counts half; Infinity: it never fades. */
    private readonly halfLifeMs: number,
  ) {}

  add(key: string, weight: number, nowMs: number): void {
    const grown = weight * this.factor(nowMs);
    this.sum += grown;
    const counter = this.byKey.get(key);
    if (counter) {
      counter.count += grown;
      this.sink(counter);
    } else if (this.heap.length < this.capacity) {
      const added = { key, count: grown, error: 0, at: this.heap.length };
      this.byKey.set(key, added);
      this.heap.push(added);
      this.rise(added);
    } else {
      this.replaceLeast(key, grown);
    }
  }

  /** The most frequent keys, most frequent first. */
  top(limit: number, nowMs: number): FrequentKey[] {
    const factor = this.factor(nowMs);
    return this.heap
      .toSorted((a, b) => b.count - a.count)
      .slice(0, limit)
      .map(({ key, count, error }) => ({ key, count: count / factor, error: error / factor }));
  }

  /** All accesses, faded. */
  total(nowMs: number): number {
    return this.sum / this.factor(nowMs);
  }

  get size(): number {
    return this.heap.length;
  }

  clear(): void {
    this.byKey.clear();
    this.heap.length = 0;
    this.sum = 0;
    this.landmarkMs = undefined;
  }

  /** The weight of an access now, relative to one at the landmark. */
  private factor(nowMs: number): number {
    this.landmarkMs ??= nowMs;
    const halfLives = (nowMs - this.landmarkMs) / this.halfLifeMs;
    if (halfLives <= MOST_HALF_LIVES) return 2 ** halfLives;
    const scale = 2 ** -halfLives;
    for (const counter of this.heap) {
      counter.count *= scale;
      counter.error *= scale;
    }
    this.sum *= scale;
    this.landmarkMs = nowMs;
    return 1;
  }

  private replaceLeast(key: string, weight: number): void {
    const least = this.heap[0];
    if (!least) return;
    this.byKey.delete(least.key);
    least.key = key;
    least.error = least.count;
    least.count += weight;
    this.byKey.set(key, least);
    this.sink(least);
  }

  private sink(counter: Counter): void {
    for (;;) {
      const left = this.heap[2 * counter.at + 1];
      const right = this.heap[2 * counter.at + 2];
      const lesser = right && left && right.count < left.count ? right : left;
      if (!lesser || lesser.count >= counter.count) return;
      this.swap(counter, lesser);
    }
  }

  private rise(counter: Counter): void {
    while (counter.at > 0) {
      const parent = this.heap[(counter.at - 1) >> 1];
      if (!parent || parent.count <= counter.count) return;
      this.swap(counter, parent);
    }
  }

  private swap(a: Counter, b: Counter): void {
    [a.at, b.at] = [b.at, a.at];
    this.heap[a.at] = a;
    this.heap[b.at] = b;
  }
}
