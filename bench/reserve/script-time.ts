// What the script takes inside the server, by how many holds its variant has already.
import { randomUUID } from 'node:crypto';
import type { Sample } from '../harness/result.ts';
import { hold, linesOf, type OpenGate } from './gate.ts';
import { variantId } from './levels.ts';
import { scriptUsOf } from './redis-times.ts';
import { stockLevels } from './stock-levels.ts';

const hot = [variantId(0)];
const measured = 1_000;
/** At once, alike for every number of holds: a script that comes alone finds the caches of the processor cold. */
const burst = 10;
const inFlight = 50;

/** Mean time of the script for a hold, ten of them in a call, while its variant has so many holds, or ten more. */
export async function scriptTime(open: OpenGate, liveHolds: number): Promise<Sample> {
  await stockLevels(open);
  await holdMany(open, liveHolds);
  let [holds, us] = [0, 0];
  while (holds < measured) {
    const before = await scriptUsOf(open.client);
    const taken = await holdMany(open, burst);
    us += (await scriptUsOf(open.client)) - before;
    holds += taken.length;
    for (const holdId of taken) await open.gate.release(holdId, linesOf(hot), 'measured');
  }
  return { us: us / holds };
}

async function holdMany({ gate }: OpenGate, count: number): Promise<string[]> {
  const holdIds = Array.from({ length: count }, () => randomUUID());
  for (let first = 0; first < count; first += inFlight) {
    await Promise.all(holdIds.slice(first, first + inFlight).map((holdId) => hold(gate, holdId, hot)));
  }
  return holdIds;
}
