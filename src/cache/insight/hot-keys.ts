import { type FrequentKey, SpaceSaving } from './space-saving.js';

/** The most read keys of one category in this process. Counts are of memory hits, and fade. */
export interface HotKeysReport {
  readonly accesses: number;
  /** Share of all accesses that went to the most wanted 1, 5 and 10 % of the keys: a lower bound. */
  readonly shareOfTop: { readonly percent1: number; readonly percent5: number; readonly percent10: number };
  readonly keys: FrequentKey[];
}

/** Counted keys of a category: some 150 KB when full. */
const COUNTED_KEYS = 1_024;
/** After this long an access counts half (ms). */
export const HOT_KEYS_HALF_LIFE_MS = 10 * 60_000;

export class HotKeys {
  private readonly faded = new SpaceSaving(COUNTED_KEYS, HOT_KEYS_HALF_LIFE_MS);
  private readonly unsent = new SpaceSaving(COUNTED_KEYS, Number.POSITIVE_INFINITY);

  count(key: string, weight: number, nowMs: number): void {
    this.faded.add(key, weight, nowMs);
    this.unsent.add(key, weight, nowMs);
  }

  /** Takes the counts since the last call, less the error that each may have. */
  takeRecent(): { readonly key: string; readonly count: number }[] {
    const recent = this.unsent.top(COUNTED_KEYS, 0).map(({ key, count, error }) => ({ key, count: count - error }));
    this.unsent.clear();
    return recent.filter(({ count }) => count > 0);
  }

  /** @param population how many keys there are; at least the number of keys counted here is used */
  report(limit: number, population: number, nowMs: number): HotKeysReport {
    const all = this.faded.top(COUNTED_KEYS, nowMs);
    const accesses = this.faded.total(nowMs);
    const shareOfTop = (share: number): number => {
      const count = Math.ceil(Math.max(population, all.length) * share);
      const sure = all.slice(0, count).reduce((sum, key) => sum + key.count - key.error, 0);
      return accesses === 0 ? 0 : Math.min(1, sure / accesses);
    };
    return {
      accesses,
      shareOfTop: { percent1: shareOfTop(0.01), percent5: shareOfTop(0.05), percent10: shareOfTop(0.1) },
      keys: all.slice(0, limit),
    };
  }
}
