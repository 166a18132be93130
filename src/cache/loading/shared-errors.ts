import { LRUCache } from 'lru-cache';
import { cacheLimits } from '../cache-policy.js';

/** Recent errors: those who ask for the key meanwhile get the same one instead of a load of their own. */
export class SharedErrors {
  private readonly byKey = new LRUCache<string, { readonly error: unknown; readonly untilMs: number }>({ max: 1_000 });

  remember(key: string, error: unknown, nowMs: number): void {
    this.byKey.set(key, { error, untilMs: nowMs + cacheLimits.sharedErrorMs });
  }

  forget(key: string): void {
    this.byKey.delete(key);
  }

  clear(): void {
    this.byKey.clear();
  }

  /** @throws the error of a load of this key that failed a moment ago. */
  throwIfRecent(key: string, nowMs: number): void {
    if (this.byKey.size === 0) return; // the usual case, on the path of every miss
    const recent = this.byKey.get(key);
    if (recent && nowMs < recent.untilMs) throw recent.error;
  }
}
