// Rounds of redis-benchmark, each about as long as asked for: it is told how many requests, not how long.
import type { Sample } from '../harness/result.ts';
import type { SuiteContext } from '../harness/suite.ts';
import { type AskedHold, commandOf, type OpenGate } from './gate.ts';
import { type Cart, fill, variantId } from './levels.ts';
import { randomDigits, redisBenchmark } from './redis-benchmark.ts';
import { cpuSecondsOf, holdCountOf } from './redis-times.ts';
import { stockLevels } from './stock-levels.ts';

/** Calls of the script, each with so many holds of such carts. */
export interface HoldCalls {
  readonly cart: Cart;
  readonly holds: number;
}

const someKey = 'bench:value';
/** GETs or holds per second and round to begin with; afterwards as many as the round before reached. */
const firstGuess = 20_000;
/** What fits into the memory of the operational layer. */
const mostHolds = 250_000;
/** Hold ids are made by chance, so a few may come twice. */
const nearlyAll = 0.999;

export function benchmarkRounds(open: OpenGate, port: number, { options, processors }: SuiteContext) {
  const reached = new Map<string, number>();
  return async (what: HoldCalls | 'GET'): Promise<Sample> => {
    await stockLevels(open);
    await open.client.set(someKey, variantId(0));
    const command = what === 'GET' ? ['GET', someKey] : await commandOf(holdsByChance(what));
    const each = what === 'GET' ? 1 : what.holds;
    const name = JSON.stringify(what);
    const wanted = Math.min((reached.get(name) ?? firstGuess) * options.seconds, what === 'GET' ? Infinity : mostHolds);
    const requests = Math.ceil(wanted / each);
    const cpuBefore = await cpuSecondsOf(open.client);
    const { perSecond, p99Ms } = await redisBenchmark({ port, command, requests, processor: processors.measured });
    const perCpuSecond = (requests * each) / ((await cpuSecondsOf(open.client)) - cpuBefore);
    if (what !== 'GET' && (await holdCountOf(open.client)) < nearlyAll * requests * each) {
      throw new Error('redis-benchmark held less than it asked for.');
    }
    reached.set(name, perSecond * each);
    return { perSecond: perSecond * each, p99Ms, perCpuSecond };
  };
}

const holdsByChance = ({ cart, holds }: HoldCalls): AskedHold[] =>
  Array.from({ length: holds }, () => ({
    holdId: randomDigits.repeat(3),
    variantIds: fill(cart, () => randomDigits),
  }));
