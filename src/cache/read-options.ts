import type { Way } from './loading/way.js';

/** What a single read may ask for. Times in milliseconds from the call. */
export interface ReadOptions {
  /** Goes past every tier to the origin; the answer is kept in all of them. */
  readonly refresh?: boolean;
  /** Tiers that are not asked. Redis is then not written either; memory is. */
  readonly without?: readonly ('memory' | 'redis')[];
  /** Takes what is there at once, however late within the fail-safe time, and reloads it in the background. */
  readonly acceptStale?: boolean;
  /** After this time a late entry is taken, if there is one; else the read goes on waiting. */
  readonly softDeadlineMs?: number;
  /** After this time the read fails with `unavailable`. The load goes on, and its answer is kept. */
  readonly deadlineMs?: number;
}

/** Whether memory may answer. */
export function asksMemory(options: ReadOptions | undefined): boolean {
  return !options || !(options.refresh || options.without?.includes('memory'));
}

/** The way of a load that this call begins. */
export function wayOf(options: ReadOptions | undefined): Way {
  if (options?.without?.includes('redis')) return 'direct';
  return options?.refresh ? 'force' : 'read';
}
