// The shoppers: a process of their own, with nothing else to do.
import { createHistogram } from 'node:perf_hooks';
import { answerQuestions } from '../harness/answer-questions.ts';
import { LoadConnection } from '../load/load-connection.ts';
import { Flow } from './flow.ts';
import type { FlowOutcome, FlowPlan } from './flow-plan.ts';

const nsPerMs = 1e6;

async function shop(plan: FlowPlan): Promise<FlowOutcome> {
  const durations = createHistogram();
  const endsAtMs = performance.now() + plan.seconds * 1_000;
  let flows = 0;
  const shopper = async () => {
    let flow = new Flow(plan);
    let beganAtMs = performance.now();
    const connection = await LoadConnection.open(plan.host, plan.port, {
      next() {
        if (flow.isOver) {
          if (performance.now() >= endsAtMs) return undefined;
          flow = new Flow(plan);
          beganAtMs = performance.now();
        }
        return flow.request();
      },
      onAnswer({ status, body }) {
        flow.take(status, body);
        if (!flow.isOver) return;
        flows++;
        durations.record(Math.max(1, Math.round((performance.now() - beganAtMs) * nsPerMs)));
      },
    });
    await connection.run();
    connection.close();
  };
  await Promise.all(Array.from({ length: plan.shoppers }, shopper));
  return { flows, p50Ms: durations.percentile(50) / nsPerMs, p99Ms: durations.percentile(99) / nsPerMs };
}

answerQuestions((plan) => shop(plan as FlowPlan));
process.send?.({ type: 'ready' });
