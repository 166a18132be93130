import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../../platform/errors.js';
import type { ReadOptions } from '../read-options.js';
import type { Flight, Landed } from './flights.js';
import type { Landing } from './landing.js';

/** Waits for a load as a single read wants to: not for long, or only until there is anything late. */
export async function awaitFlight<T>(
  flight: Flight<T>,
  landing: Landing<T>,
  { acceptStale, softDeadlineMs, deadlineMs }: ReadOptions,
): Promise<Landed<T>> {
  const ended = new AbortController();
  const after = (ms: number) => sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined);
  const late = (): Landed<T> | undefined => {
    const entry = landing.lateEntry(flight);
    return entry && { entry, tier: flight.fallback ? 'redis' : 'memory', stale: true };
  };
  const candidates: Promise<Landed<T> | undefined>[] = [flight.promise];
  if (acceptStale) {
    const near = late();
    if (near) return near;
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
