// The way of reads through the memory of this process: synchronous, so that a hot read costs a lookup.
import { answerOf, type CacheAnswer, type Degradation } from '../cache-answer.js';
import { asksMemory, type ReadOptions } from '../read-options.js';
import type { MemoryCopy } from '../tiers/memory-tier.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';

export class MemoryWay<T> {
  private readonly sampler;
  /** The key whose copy was last found void, for the path of its miss. */
  private lastVoid: string | undefined;

  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
    /** Told of copies that are due although they were given. */
    private readonly onDue: (key: string) => void,
  ) {
    this.sampler = parts.insight.sampler;
  }

  /** The answer, or undefined when it is not there or cannot be believed. */
  peek(key: string): CacheAnswer<T> | undefined {
    return --this.sampler.untilSample > 0 ? this.lookUp(key) : this.sampledLookUp(key);
  }

  countMiss(key: string, options: ReadOptions | undefined): void {
    const { counters, insight, controls, memory } = this.parts;
    counters.memory.miss++;
    const missed = insight.missed.memory;
    if (!asksMemory(options) || !controls.memory) missed.bypassed++;
    else if (memory.look(key)) missed[this.engine.backplane.isCurrent() ? 'expired' : 'untrusted']++;
    else missed[this.lastVoid === key ? 'void' : 'absent']++;
    if (this.lastVoid === key) this.lastVoid = undefined;
  }

  /** Not within `peek`: what a closure captures is allocated at each call, whether the closure is made or not. */
  private sampledLookUp(key: string): CacheAnswer<T> | undefined {
    return this.parts.insight.sample(key, () => this.lookUp(key));
  }

  private lookUp(key: string): CacheAnswer<T> | undefined {
    const { memory, counters, mark } = this.parts;
    const copy = memory.get(key);
    if (copy === undefined) return undefined;
    const { backplane, space, clock } = this.engine;
    const nowMs = clock.nowMs();
    const trusted = nowMs < backplane.trustedUntilMs;
    if (!trusted && !backplane.isDown) return undefined;
    if (copy.checkedVersion !== space.version) {
      if (space.isVoid(copy, mark)) {
        this.forget(key);
        return undefined;
      }
      copy.checkedVersion = space.version;
    }
    const sinceMs = nowMs - copy.storedAtMs;
    if (sinceMs >= copy.refreshAfterMs) {
      if (sinceMs >= this.servedForMs(copy, trusted)) return undefined;
      this.onDue(key);
    }
    const stale = !trusted || sinceMs >= copy.freshMs;
    if (copy.document === undefined) counters.memory.negative++;
    else if (stale) counters.memory.stale++;
    else counters.memory.hit++;
    return answerOf(copy, 'memory', nowMs, stale, stale ? degradationOf(copy, trusted) : undefined);
  }

  /** "Not found" is never served late, and what cannot be checked is served as long as when the origin fails. */
  private servedForMs({ document, freshMs, serveForMs }: MemoryCopy<T>, trusted: boolean): number {
    const { policy, controls } = this.parts;
    if (!document) return serveForMs;
    return (trusted ? serveForMs : freshMs + policy.failSafeMs) + controls.serveStaleMs;
  }

  private forget(key: string): void {
    this.parts.memory.delete(key);
    this.lastVoid = key;
    this.parts.insight.invalidated.add(key);
  }
}

/** Only a copy that is kept because its load failed is due later than it is stale (`MemoryTier.putThrottled`). */
function degradationOf({ freshMs, refreshAfterMs }: MemoryCopy<unknown>, trusted: boolean): Degradation | undefined {
  if (!trusted) return 'redis-down';
  return refreshAfterMs > freshMs ? 'origin-failed' : undefined;
}
