// Holds of stock. First through the store of the application beside redis-benchmark, which sends the same EVALSHA; then the
// processor time that Redis spends on one beside a GET, both sent by redis-benchmark; then the time of the script alone.
import { fileURLToPath } from 'node:url';
import { Child } from '../harness/child.ts';
import { compare, type Measure, type Result, type Sample } from '../harness/result.ts';
import { alternate } from '../harness/rounds.ts';
import { startRedisLayers } from '../harness/stores.ts';
import type { SuiteContext } from '../harness/suite.ts';
import { commandOf, type OpenGate, openGate, reserveScript } from '../reserve/gate.ts';
import type { GateOutcome, GatePlan } from '../reserve/gate-plan.ts';
import { type Cart, fill, variantId } from '../reserve/levels.ts';
import { randomDigits, redisBenchmark } from '../reserve/redis-benchmark.ts';
import { cpuSecondsOf } from '../reserve/redis-times.ts';
import { scriptTime } from '../reserve/script-time.ts';
import { stockLevels } from '../reserve/stock-levels.ts';

const carts: readonly Cart[] = [
  { lines: 1, hot: false },
  { lines: 1, hot: true },
  { lines: 3, hot: false },
  { lines: 3, hot: true },
];
const nameOf = ({ lines, hot }: Cart) => `${lines} ${lines === 1 ? 'line' : 'lines'}, ${hot ? 'one hot' : 'uniform'}`;
const liveHolds = [100, 1_000, 10_000];
const fewHolds = 10;
const someKey = 'bench:value';
/** Holds per second and round to begin with; afterwards as many as the round before reached. */
const firstGuess = 20_000;

const throughput: readonly Measure[] = [
  { key: 'perSecond', label: 'throughput', unit: 'holds per second', better: 'more' },
  { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'less' },
];
const cost: Measure = { key: 'perCpuSecond', label: 'cost', unit: 'per second of Redis CPU', better: 'more' };
const time: Measure = { key: 'us', label: 'script time', unit: 'µs', better: 'less' };

export async function reserveSuite(context: SuiteContext): Promise<Result[]> {
  const { cleanup, guard, options, processors, say } = context;
  say('starting Redis');
  const { operational: redis } = await startRedisLayers(cleanup);
  const open = await openGate(redis.url);
  cleanup.defer(() => open.close());
  const ours = await Child.start(
    {
      name: 'our store',
      script: fileURLToPath(import.meta.resolve('../reserve/gate.process.ts')),
      env: { REDIS_URL: redis.url },
      processor: processors.measured,
    },
    guard,
  );
  cleanup.defer(() => ours.stop());
  await open.client.script('LOAD', reserveScript);

  const benchmark = benchmarkFor(open, redis.port, context);
  const results: Result[] = [];
  for (const cart of carts) {
    const plan: GatePlan = { cart, inFlight: options.connections, seconds: options.seconds };
    const samples = await alternate(options.rounds, {
      ours: async () => {
        await stockLevels(open);
        return { ...((await ours.ask(plan)) as GateOutcome) };
      },
      reference: () => benchmark(cart),
    });
    results.push(...compare({ name: nameOf(cart), reference: 'redis-benchmark', measures: throughput }, samples));
    say(`${nameOf(cart)}: ${results.at(-2)?.value} holds per second, ${results.at(-2)?.ratio} of redis-benchmark`);
  }
  for (const cart of carts) {
    const samples = await alternate(options.rounds, { ours: () => benchmark(cart), reference: () => benchmark('GET') });
    results.push(...compare({ name: nameOf(cart), reference: 'GET', measures: [cost] }, samples));
    say(`${nameOf(cart)}: ${results.at(-1)?.ratio} holds for the processor time of a GET`);
  }
  for (const count of liveHolds) {
    const samples = await alternate(options.rounds, {
      ours: () => scriptTime(open, count),
      reference: () => scriptTime(open, fewHolds),
    });
    const subject = { name: `${count} live holds of the variant`, reference: `${fewHolds} live holds` };
    results.push(...compare({ ...subject, measures: [time] }, samples));
    say(`script time with ${count} live holds: ${results.at(-1)?.value} µs`);
  }
  return results;
}

/** Rounds of redis-benchmark, each about as long as asked for: it is told how many requests, not how long. */
function benchmarkFor(open: OpenGate, port: number, { options, processors }: SuiteContext) {
  const reached = new Map<Cart | 'GET', number>();
  return async (what: Cart | 'GET'): Promise<Sample> => {
    await stockLevels(open);
    await open.client.set(someKey, variantId(0));
    const requests = Math.ceil((reached.get(what) ?? firstGuess) * options.seconds);
    const command =
      what === 'GET'
        ? ['GET', someKey]
        : await commandOf(
            randomDigits.repeat(3),
            fill(what, () => randomDigits),
          );
    const cpuBefore = await cpuSecondsOf(open.client);
    const outcome = await redisBenchmark({ port, command, requests, processor: processors.measured });
    const perCpuSecond = requests / ((await cpuSecondsOf(open.client)) - cpuBefore);
    reached.set(what, outcome.perSecond);
    if (what !== 'GET' && (await open.client.dbsize()) < requests) throw new Error('redis-benchmark held nothing.');
    return { ...outcome, perCpuSecond };
  };
}
