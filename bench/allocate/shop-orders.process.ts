// Our side of the suite: the compiled application in this process, asked to place orders without HTTP and payment.
import { createHistogram } from 'node:perf_hooks';
import { answerQuestions } from '../harness/answer-questions.ts';
import { openShop } from './open-shop.ts';
import type { OrdersOutcome, OrdersPlan } from './orders-plan.ts';
import type { PaidCheckout } from './paid-checkouts.ts';

/** As many as two batches have room for. */
const buyers = 128;
/** More than can be placed in a second, in batches and one by one. */
const checkoutsPerSecond = { place: 15_000, 'place by function': 8_000 };
const nsPerMs = 1e6;

const shop = await openShop();

async function placeOrders({ work, variants, seconds }: OrdersPlan): Promise<OrdersOutcome> {
  const choices = variants === 'hot' ? 1 : shop.variantIds.length;
  const someVariant = () => shop.variantIds[Math.floor(Math.random() * choices)] ?? '';
  if (work === 'allocate') return measure(seconds, () => shop.allocateOrder(someVariant()));
  if (work === 'allocate by function') return measure(seconds, () => shop.allocateByFunction(someVariant()));
  const wanted = Array.from({ length: Math.ceil(seconds * checkoutsPerSecond[work]) }, someVariant);
  const paid: PaidCheckout[] = await shop.payCheckouts(wanted);
  return measure(seconds, async () => {
    const checkout = paid.pop();
    if (!checkout) throw new Error('There are too few checkouts for a round.');
    await (work === 'place' ? shop.placeOrder(checkout) : shop.placeByFunction(checkout));
  });
}

async function measure(seconds: number, order: () => Promise<void>): Promise<OrdersOutcome> {
  const durations = createHistogram();
  const startedAtMs = performance.now();
  const buy = async () => {
    while (performance.now() - startedAtMs < seconds * 1_000) {
      const beganAtMs = performance.now();
      await order();
      durations.record(Math.max(1, Math.round((performance.now() - beganAtMs) * nsPerMs)));
    }
  };
  await Promise.all(Array.from({ length: buyers }, buy));
  return {
    perSecond: durations.count / ((performance.now() - startedAtMs) / 1_000),
    p50Ms: durations.percentile(50) / nsPerMs,
    p99Ms: durations.percentile(99) / nsPerMs,
  };
}

answerQuestions((plan) => placeOrders(plan as OrdersPlan));
process.send?.({ type: 'ready' });
