// Full flows over HTTP, each of six requests from an empty cart to a placed order; the time includes the background work
// that follows an order (captured payment, closed cart, committed hold). The references are functions called once for each
// order: one is the least that an order takes, one writes the same rows as placing. Last comes placing alone, without HTTP,
// beside the same functions.
import { fileURLToPath } from 'node:url';
import type { OrdersPlan } from '../allocate/orders-plan.ts';
import { callsPerFlow } from '../checkout/calls-per-flow.ts';
import type { FlowOutcome, FlowPlan } from '../checkout/flow-plan.ts';
import { ProcessorTimes } from '../checkout/processor-times.ts';
import { ShopAtRest } from '../checkout/shop-at-rest.ts';
import { stockShop } from '../checkout/stocked-shop.ts';
import { createDatabase, startApplication } from '../harness/application.ts';
import { Child } from '../harness/child.ts';
import { compare, type Measure, type Result, type Sample, type Sides } from '../harness/result.ts';
import { alternate } from '../harness/rounds.ts';
import { startPostgres, startRedisLayers } from '../harness/stores.ts';
import type { SuiteContext } from '../harness/suite.ts';
import { measureOrders, openOrders } from './allocate.suite.ts';

const crowds = [64, 16];
const countedCrowd = 64;
/** A flow takes a fifth of a second, and V8 is slow to compile the application: short rounds are all start and end. */
const longerRounds = 4;
const flowName = (shoppers: number) => `full flow, ${shoppers} shoppers`;
const script = (file: string) => fileURLToPath(import.meta.resolve(`../checkout/${file}`));

const measures: readonly Measure[] = [
  { key: 'perSecond', label: 'throughput', unit: 'orders per second', better: 'more' },
  { key: 'p50Ms', label: 'p50', unit: 'ms', better: 'less' },
  { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'less' },
];

export async function checkoutSuite(context: SuiteContext): Promise<Result[]> {
  const { cleanup, guard, options, say } = context;
  say('starting PostgreSQL, Redis and the application');
  const [postgres, redis] = await Promise.all([startPostgres(cleanup), startRedisLayers(cleanup)]);
  const databaseUrl = await createDatabase(postgres, 'shop');

  const start = async (preload?: string): Promise<Child> => {
    // Outside production the test provider is there; nothing else is different.
    const env = { NODE_ENV: 'development', LOG_REQUESTS: 'errors' };
    const application = await startApplication({ databaseUrl, redis, env, ...(preload && { preload }) }, guard);
    cleanup.defer(() => application.stop());
    return application;
  };
  const shoppers = await Child.start({ name: 'the shoppers', script: script('flow.process.ts'), env: {} }, guard);
  cleanup.defer(() => shoppers.stop());
  const orders = await openOrders(context);
  const rest = await ShopAtRest.connect(databaseUrl);
  cleanup.defer(() => rest.close());

  let application = await start();
  say('importing products');
  const variantIds = await stockShop(application.url);
  const flowRound = async (count: number, seconds: number): Promise<FlowOutcome & { perSecond: number }> => {
    const { hostname: host, port } = new URL(application.url);
    const plan: FlowPlan = { host, port: Number(port), variantIds, shoppers: count, seconds };
    const startedAtMs = performance.now();
    const outcome = (await shoppers.ask(plan)) as FlowOutcome;
    await rest.wait();
    return { ...outcome, perSecond: outcome.flows / ((performance.now() - startedAtMs) / 1_000) };
  };
  const functionRound = async (): Promise<Sample> => {
    const plan: OrdersPlan = { work: 'place by function', seconds: options.seconds, variants: 'uniform' };
    const least = (await orders.bare.ask(plan)) as Sample;
    const { perSecond } = (await orders.shop.ask(plan)) as { readonly perSecond: number };
    return { ...least, sameRowsPerSecond: perSecond };
  };

  const results: Result[] = [];
  for (const count of crowds) {
    const times = new ProcessorTimes({
      application: application.pid,
      postgres: postgres.server.pid,
      redis: Object.values(redis).map(({ server }) => server.pid),
      shoppers: shoppers.pid,
    });
    const samples = await alternate(options.rounds, {
      ours: async () => {
        const { flows, ...sample } = await times.during(() => flowRound(count, longerRounds * options.seconds));
        times.addFlows(flows);
        return sample;
      },
      reference: functionRound,
    });
    const flows = compare({ name: flowName(count), reference: 'bare function, one order a call', measures }, samples);
    results.push(...flows, ...besideSameRows(count, samples));
    say(`${flowName(count)}: ${flows[0]?.value} per second; processor time of one: ${times.perFlow()}`);
  }
  await application.stop();

  application = await start(script('count-calls.preload.ts'));
  const countingRound = async () => (await flowRound(countedCrowd, options.seconds)).flows;
  results.push(...(await callsPerFlow(application, flowName(countedCrowd), countingRound, say)));
  await application.stop();
  return [...results, ...(await measureOrders(orders, context, ['place']))];
}

function besideSameRows(shoppers: number, { ours, reference }: Sides<readonly Sample[]>): Result[] {
  const subject = { name: `${flowName(shoppers)}, same rows`, reference: 'function that writes the same rows' };
  return compare(
    { ...subject, measures: measures.slice(0, 1) },
    { ours, reference: reference.map(({ sameRowsPerSecond = Number.NaN }) => ({ perSecond: sameRowsPerSecond })) },
  );
}
