// The script's time inside the server, by how many holds its variant already has.
import { randomUUID } from 'node:crypto';
import type { Sample } from '../harness/result.ts';
import { hold, linesOf, type OpenGate } from './gate.ts';
import { variantId } from './levels.ts';
import { scriptUsOf } from './redis-times.ts';
import { stockLevels } from './stock-levels.ts';

const hot = [variantId(0)];
const measured = 1_000;
/** Holds at once, whatever the variant has already: a script that runs alone finds cold processor caches. */
const burst = 10;
const inFlight = 50;

/** Mean script time for a hold, ten of them in a call, while the variant has so many holds, or up to ten more. */
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
