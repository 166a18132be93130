// Holds of stock. First through the application's store, beside redis-benchmark sending the EVALSHA of one hold. Then the
// processor time that Redis spends on a hold, in full calls and alone, beside a GET, both sent by redis-benchmark. Then the
// script's time for a hold.
import { fileURLToPath } from 'node:url';
import { Child } from '../harness/child.ts';
import { compare, type Measure, type Result } from '../harness/result.ts';
import { alternate } from '../harness/rounds.ts';
import { startRedisLayers } from '../harness/stores.ts';
import type { SuiteContext } from '../harness/suite.ts';
import { benchmarkRounds } from '../reserve/benchmark-rounds.ts';
import { HOLDS_OF_A_CALL, openGate, reserveScript } from '../reserve/gate.ts';
import type { GateOutcome, GatePlan } from '../reserve/gate-plan.ts';
import type { Cart } from '../reserve/levels.ts';
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
/** A full call of the store, and a call with a single hold. */
const callSizes = [HOLDS_OF_A_CALL, 1];
const callNameOf = (holds: number) => (holds === 1 ? 'a hold alone' : `${holds} holds in a call`);

const throughput: readonly Measure[] = [
  { key: 'perSecond', label: 'throughput', unit: 'holds per second', better: 'more' },
  { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'less' },
];
const cost: Measure = {
  key: 'perCpuSecond',
  label: 'cost',
  unit: 'holds or GETs per second of Redis CPU',
  better: 'more',
};
const time: Measure = { key: 'us', label: 'script time of a hold', unit: 'µs', better: 'less' };

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

  const benchmark = benchmarkRounds(open, redis.port, context);
  const results: Result[] = [];
  for (const cart of carts) {
    const plan: GatePlan = { cart, inFlight: options.connections, seconds: options.seconds };
    const samples = await alternate(options.rounds, {
      ours: async () => {
        await stockLevels(open);
        return { ...((await ours.ask(plan)) as GateOutcome) };
      },
      reference: () => benchmark({ cart, holds: 1 }),
    });
    results.push(...compare({ name: nameOf(cart), reference: 'redis-benchmark', measures: throughput }, samples));
    say(`${nameOf(cart)}: ${results.at(-2)?.value} holds per second, ${results.at(-2)?.ratio} of redis-benchmark`);
  }
  for (const holds of callSizes) {
    for (const cart of carts) {
      const name = `${nameOf(cart)}, ${callNameOf(holds)}`;
      const samples = await alternate(options.rounds, {
        ours: () => benchmark({ cart, holds }),
        reference: () => benchmark('GET'),
      });
      results.push(...compare({ name, reference: 'GET', measures: [cost] }, samples));
      say(`${name}: ${results.at(-1)?.ratio} holds for the processor time of a GET`);
    }
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
