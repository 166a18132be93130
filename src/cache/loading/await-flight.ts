import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../../platform/errors.js';
import type { ReadOptions } from '../read-options.js';
import type { Flight, Landed } from './flights.js';
import type { Landing } from './landing.js';

/** A timer of Node.js that is to last longer is over at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits for a load as a single read wants to: not for long, or only until there is anything late. */
export async function awaitFlight<T>(
  flight: Flight<T>,
  landing: Landing<T>,
  { acceptStale, softDeadlineMs, deadlineMs, without }: ReadOptions,
): Promise<Landed<T>> {
  const ended = new AbortController();
  const after = (ms: number) =>
    sleep(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal: ended.signal }).catch(() => undefined);
  const late = (): Landed<T> | undefined => {
    const entry = landing.lateEntry(flight, !without?.includes('memory'));
    return entry && { entry, tier: flight.fallback ? 'redis' : 'memory', stale: true };
  };
  // Before a promise of the load is made: nobody waits for it then, and it could fail unheard.
  const near = acceptStale ? late() : undefined;
  if (near) return near;
  const candidates: Promise<Landed<T> | undefined>[] = [flight.promise];
  if (acceptStale) {
    // What is late may have become void by then.
    candidates.push(flight.whenLate().then(() => late() ?? flight.promise));
  }
  if (softDeadlineMs !== undefined) candidates.push(after(softDeadlineMs).then(() => late() ?? flight.promise));
  if (deadlineMs !== undefined) candidates.push(after(deadlineMs).then(() => undefined));
  try {
    const landed = await Promise.race(candidates);
    if (landed) return landed;
  } finally {
    ended.abort();
  }
  throw unavailable('The value');
}
