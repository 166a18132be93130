import { fileURLToPath } from 'node:url';
import { Child } from '../harness/child.ts';
import type { SuiteContext } from '../harness/suite.ts';
import type { BarePlan } from './bare-plan.ts';

export function startBareServer(plan: BarePlan, { guard, processors }: SuiteContext): Promise<Child> {
  const options = {
    name: 'the bare server',
    script: fileURLToPath(import.meta.resolve('./bare.process.ts')),
    env: { NODE_ENV: 'production', BARE_PLAN: JSON.stringify(plan) },
    processor: processors.measured,
  };
  return Child.start(options, guard);
}
