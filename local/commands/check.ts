// `npm run check`: runs every step, even after a failure, and names all failures at the end.
import { type CheckStep, checkSteps } from '../tools/check-steps.ts';
import { runTool } from '../tools/run-tool.ts';
import { ensureSeed } from '../tools/seed.ts';

interface Outcome {
  title: string;
  passed: boolean;
  seconds: string;
}

async function run(step: CheckStep): Promise<Outcome> {
  process.stdout.write(`\n── ${step.title} ──\n`);
  const startedAtMs = Date.now();
  let passed = true;
  for (const command of step.commands) passed = passed && (await runTool(command)) === 0;
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
  process.stdout.write(`── ${step.title}: ${passed ? 'passed' : 'FAILED'} (${seconds} s)\n`);
  return { title: step.title, passed, seconds };
}

ensureSeed(process.env);
const outcomes: Outcome[] = [];
for (const step of checkSteps(process.argv.includes('--fix'))) outcomes.push(await run(step));

process.stdout.write('\n');
for (const { title, passed, seconds } of outcomes) {
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${title} (${seconds} s)\n`);
}
const failures = outcomes.filter(({ passed }) => !passed);
process.stdout.write(
  failures.length === 0 ? '\nAll checks passed.\n' : `\n${failures.length} of ${outcomes.length} failed.\n`,
);
process.exit(failures.length === 0 ? 0 : 1);
