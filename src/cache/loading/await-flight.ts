import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../../platform/errors.js';
import type { ReadOptions } from '../read-options.js';
import type { Flight, Landed } from './flights.js';
import type { Landing } from './landing.js';

/** A longer timer of Node.js fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits for a load as the read's options say: up to a deadline, or only until there is a late entry. */
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
  // Before the load's promise is made: with nobody waiting for it, its failure would be unhandled.
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
