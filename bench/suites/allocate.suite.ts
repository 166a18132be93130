// Orders into PostgreSQL, for random ones of 10,000 variants and all for one. The shop's batches stand beside a bare pool
// that calls one function for each order. "Stock and order" is an order, its line, its event and the stock it takes;
// "placing" is all that the shop does once a payment is authorized (prices read again; attempt, session and answer kept).
// Both also stand beside a function that writes the same rows.
import { fileURLToPath } from 'node:url';
import type { OrdersPlan } from '../allocate/orders-plan.ts';
import { createDatabase, runSql, startApplication } from '../harness/application.ts';
import { Child } from '../harness/child.ts';
import { compare, type Measure, type Result, rounded, type Sample } from '../harness/result.ts';
import { alternate } from '../harness/rounds.ts';
import { startPostgres, startRedisLayers } from '../harness/stores.ts';
import type { SuiteContext } from '../harness/suite.ts';

const file = (name: string) => fileURLToPath(import.meta.resolve(`../${name}`));
const names = { allocate: 'stock and order', place: 'placing' } as const;
const measures: readonly Measure[] = [
  { key: 'perSecond', label: 'throughput', unit: 'orders per second', better: 'more' },
  { key: 'p50Ms', label: 'p50', unit: 'ms', better: 'less' },
  { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'less' },
];

type OwnWorkPlan = OrdersPlan & { readonly work: keyof typeof names };

/** Where orders are placed without HTTP: the application, and the least that an order takes. */
export interface OrderSides {
  readonly shop: Child;
  readonly bare: Child;
}

export async function allocateSuite(context: SuiteContext): Promise<Result[]> {
  return measureOrders(await openOrders(context), context, ['allocate', 'place']);
}

export async function openOrders({ cleanup, guard, say }: SuiteContext): Promise<OrderSides> {
  say('starting PostgreSQL, Redis, the application without HTTP and its reference');
  const [postgres, redis] = await Promise.all([startPostgres(cleanup), startRedisLayers(cleanup)]);
  const databaseUrl = await createDatabase(postgres, 'shop');
  const bareDatabaseUrl = await createDatabase(postgres, 'bare');
  await runSql(bareDatabaseUrl, file('checkout/bare-orders.sql'));
  // Relays and schedules are not what is measured.
  const env = { ROLE: 'api', NODE_ENV: 'development' };
  const script = file('allocate/shop-orders.process.ts');
  const shop = await startApplication({ databaseUrl, redis, env, script }, guard);
  cleanup.defer(() => shop.stop());
  const bare = await Child.start(
    {
      name: 'the reference',
      script: file('checkout/bare-orders.process.ts'),
      env: { BARE_DATABASE_URL: bareDatabaseUrl },
    },
    guard,
  );
  cleanup.defer(() => bare.stop());
  return { shop, bare };
}

export async function measureOrders(
  { shop, bare }: OrderSides,
  { options, say }: SuiteContext,
  works: readonly (keyof typeof names)[],
): Promise<Result[]> {
  const results: Result[] = [];
  for (const work of works) {
    const throughputs: Result[] = [];
    for (const variants of ['uniform', 'hot'] as const) {
      const plan: OwnWorkPlan = { work, variants, seconds: options.seconds };
      const samples = await alternate(options.rounds, {
        ours: async () => (await shop.ask(plan)) as Sample,
        reference: async () => (await bare.ask(plan)) as Sample,
      });
      const name = `${names[work]}, ${variants}`;
      const compared = compare({ name, reference: 'bare function, one order a call', measures }, samples);
      results.push(...compared);
      throughputs.push(...compared.slice(0, 1));
      results.push(await besideSameRows(shop, plan, options.rounds));
      say(`${name}: ${compared[0]?.value} per second, ${compared[0]?.ratio} × the function`);
    }
    results.push(...besideUniform(names[work], throughputs));
  }
  return results;
}

/** Beside the same rows written by one function call for each order. Both serve the same 128 buyers. */
async function besideSameRows(shop: Child, plan: OwnWorkPlan, rounds: number): Promise<Result> {
  const samples = await alternate(rounds, {
    ours: async () => (await shop.ask(plan)) as Sample,
    reference: async () => (await shop.ask({ ...plan, work: `${plan.work} by function` })) as Sample,
  });
  const name = `${names[plan.work]}, ${plan.variants}, same rows`;
  const [throughput] = compare({ name, reference: 'function that writes the same rows', measures }, samples);
  if (!throughput) throw new Error('There is no throughput.');
  return throughput;
}

/** What it costs when all buyers want the same. */
function besideUniform(work: string, [uniform, hot]: readonly Result[]): Result[] {
  if (!uniform || !hot) return [];
  const [value, referenceValue] = [hot.value, uniform.value];
  const ratio = rounded(value / referenceValue);
  return [
    { name: `${work}, hot: throughput`, value, unit: hot.unit, reference: 'the same, uniform', referenceValue, ratio },
  ];
}
