import { randomInt } from 'node:crypto';

/** Gives a test run one seed for all its random choices, unless SEED names one, and tells how to repeat them. */
export function ensureSeed(env: NodeJS.ProcessEnv): void {
  if (env.SEED) return;
  env.SEED = String(randomInt(2 ** 31));
  process.stderr.write(`Seed of this run: ${env.SEED} (SEED=${env.SEED} repeats its random choices)\n`);
}
