// Our side: the store of the application in a process of its own, with so many holds under way at once.
import { randomUUID } from 'node:crypto';
import { createHistogram } from 'node:perf_hooks';
import { answerQuestions } from '../harness/answer-questions.ts';
import { hold, openGate } from './gate.ts';
import type { GateOutcome, GatePlan } from './gate-plan.ts';
import { fill, variantCount } from './levels.ts';

const nsPerMs = 1e6;
const { gate } = await openGate(process.env.REDIS_URL ?? '');
const anyVariant = () => Math.floor(Math.random() * variantCount);

async function reserve({ cart, inFlight, seconds }: GatePlan): Promise<GateOutcome> {
  const durations = createHistogram();
  const startedAtMs = performance.now();
  const buyer = async () => {
    for (;;) {
      const beganAtMs = performance.now();
      if (beganAtMs - startedAtMs > seconds * 1_000) return;
      await hold(gate, randomUUID(), [...new Set(fill(cart, anyVariant))]);
      durations.record(Math.max(1, Math.round((performance.now() - beganAtMs) * nsPerMs)));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, buyer));
  return {
    perSecond: durations.count / ((performance.now() - startedAtMs) / 1_000),
    p99Ms: durations.percentile(99) / nsPerMs,
  };
}

answerQuestions((plan) => reserve(plan as GatePlan));
process.send?.({ type: 'ready' });
