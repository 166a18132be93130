import { fileURLToPath } from 'node:url';
import type { Guard } from '../../local/servers/guard.ts';
import { Child } from '../harness/child.ts';
import type { Measure, Sample, Sides } from '../harness/result.ts';
import type { LoadOutcome, LoadPlan } from './load-plan.ts';

/** What every line under HTTP load is compared by. */
export const loadMeasures: readonly Measure[] = [
  { key: 'perCpuSecond', label: 'throughput', unit: 'requests per server CPU second', better: 'more' },
  { key: 'p50Ms', label: 'p50', unit: 'ms', better: 'less' },
  { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'less' },
];

export function startLoadProcess(guard: Guard, processor: number | undefined): Promise<Child> {
  return Child.start(
    { name: 'the load process', script: fileURLToPath(import.meta.resolve('./load.process.ts')), processor },
    guard,
  );
}

/** One round of load of both sides, as samples of `loadMeasures`. */
export async function loadRound(load: Child, plans: Sides<LoadPlan>): Promise<Sides<Sample>> {
  const { ours, reference } = (await load.ask(plans)) as Sides<LoadOutcome>;
  return { ours: sampleOf(ours), reference: sampleOf(reference) };
}

const sampleOf = ({ requests, cpuSeconds, p50Ms, p99Ms }: LoadOutcome): Sample => ({
  perCpuSecond: requests / cpuSeconds,
  p50Ms,
  p99Ms,
});
