// The way of reads through the memory of this process: synchronous, so that a hot read costs a lookup.
import { answerOf, type CacheAnswer, type Degradation } from '../cache-answer.js';
import { failSafeUntilMs, memoryStaleUntilMs } from '../freshness.js';
import { asksMemory, type ReadOptions } from '../read-options.js';
import { FreshHit, type MemoryCopy } from '../tiers/memory-copy.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';

/** An answer, with its promise where there is one: testing for that is quicker than testing the kind of answer. */
type Near<T> = CacheAnswer<T> & { readonly promise?: FreshHit<T>['promise'] };

export class MemoryWay<T> {
  private readonly sampler;
  /** Why the last look missed: `countMiss` comes right after it and need not look again. */
  private inVain: 'absent' | 'expired' | 'untrusted' = 'absent';
  /** The key whose copy was last found void, for `countMiss`. */
  private lastVoid: string | undefined;

  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
    /** Called for copies that were served and are due for a refresh. */
    private readonly onDue: (key: string) => void,
  ) {
    this.sampler = parts.insight.sampler;
  }

  /** The answer, or undefined when it is not there or cannot be believed. */
  peek(key: string): Near<T> | undefined {
    return --this.sampler.untilSample > 0 ? this.lookUp(key) : this.sampledLookUp(key);
  }

  /** The same as a promise; a fresh hit already has one. */
  promise(key: string): Promise<CacheAnswer<T>> | undefined {
    const answer = this.peek(key);
    return answer && (answer.promise ?? Promise.resolve(answer));
  }

  /** Counts the look that has just missed. */
  countMiss(key: string, options: ReadOptions | undefined): void {
    const { counters, insight, controls } = this.parts;
    counters.memory.miss++;
    const missed = insight.missed.memory;
    if (!asksMemory(options) || !controls.memory) missed.bypassed++;
    else missed[this.inVain === 'absent' && this.lastVoid === key ? 'void' : this.inVain]++;
    if (this.lastVoid === key) this.lastVoid = undefined;
  }

  /** Not within `peek`: what a closure captures is allocated at each call, whether the closure is made or not. */
  private sampledLookUp(key: string): Near<T> | undefined {
    return this.parts.insight.sample(key, () => this.lookUp(key));
  }

  private lookUp(key: string): Near<T> | undefined {
    const { memory, counters, mark } = this.parts;
    const copy = memory.get(key);
    if (copy === undefined) return this.missedAs('absent');
    const { backplane, space, clock } = this.engine;
    const nowMs = clock.nowMs();
    const trusted = nowMs < backplane.trustedUntilMs;
    if (!trusted && !backplane.isDown) return this.missedAs('untrusted');
    if (copy.checkedVersion !== space.version) {
      if (space.isVoid(copy, mark)) {
        this.forget(key);
        return this.missedAs('absent');
      }
      copy.checkedVersion = space.version;
    }
    const sinceMs = nowMs - copy.storedAtMs;
    if (sinceMs >= copy.refreshAfterMs) {
      if (nowMs >= this.servedUntilMs(copy, trusted)) return this.missedAs(trusted ? 'expired' : 'untrusted');
      this.onDue(key);
    }
    const stale = !trusted || sinceMs >= copy.freshMs;
    const { document } = copy;
    if (document === undefined) counters.memory.negative++;
    else if (stale) counters.memory.stale++;
    else {
      counters.memory.hit++;
      copy.hit ??= new FreshHit(document, copy, clock);
      return copy.hit;
    }
    return answerOf(copy, 'memory', nowMs, stale, stale ? degradationOf(copy, trusted) : undefined);
  }

  /** A copy that cannot be checked is served as long as when the origin fails. */
  private servedUntilMs(copy: MemoryCopy<T>, trusted: boolean): number {
    const { policy, controls } = this.parts;
    return trusted ? memoryStaleUntilMs(copy, controls) : failSafeUntilMs(copy, policy, controls);
  }

  private missedAs(why: MemoryWay<T>['inVain']): undefined {
    this.inVain = why;
    return undefined;
  }

  private forget(key: string): void {
    this.parts.memory.delete(key);
    this.lastVoid = key;
    this.parts.insight.invalidated.add(key);
  }
}

/** Only a copy kept because its load failed is due after its fresh time has ended (`MemoryTier.putThrottled`). */
function degradationOf({ freshMs, refreshAfterMs }: MemoryCopy<unknown>, trusted: boolean): Degradation | undefined {
  if (!trusted) return 'redis-down';
  return refreshAfterMs > freshMs ? 'origin-failed' : undefined;
}
