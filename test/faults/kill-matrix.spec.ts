// Ends the shop before and after every durable step, while its stores are ended as well, under buyers who do not give
// up. KILL_CYCLES says how often (300 in a nightly run); SEED repeats a run.
import { afterEach, expect, test } from '@jest/globals';
import { createRandom } from '../support/random.js';
import { cyclesOf, KillMatrix, planCycles } from './kill-matrix/kill-matrix.js';
import { MUTANTS, mutants } from './kill-matrix/mutants.js';

const CYCLES = Number(process.env.KILL_CYCLES ?? 30);
const SECONDS_PER_CYCLE = 15;
/** A mutant is given so many rounds to show itself; as a rule one is enough. */
const MUTANT_ROUNDS = 3;

let matrix: KillMatrix | undefined;
afterEach(async () => {
  await matrix?.close();
  matrix = undefined;
});

test(
  `${CYCLES} ends of the shop: exactly one order and one charge for whoever was told so, and nothing for anybody else`,
  async () => {
    matrix = await KillMatrix.start();
    const result = await matrix.run(planCycles(CYCLES, createRandom('plan')));
    process.stdout.write(
      `kill matrix: ${result.reached} of ${CYCLES} points reached, ${result.told} payments, ${result.orders} orders\n`,
    );
    expect(result.wrong).toEqual([]);
    expect(result.reached).toBeGreaterThan(CYCLES * 0.6);
    expect(result.orders).toBeGreaterThan(0);
  },
  60_000 + CYCLES * SECONDS_PER_CYCLE * 1_000,
);

test.each(MUTANTS)(
  'the matrix notices a shop with %s',
  async (name) => {
    let wrong = '';
    for (let round = 0; round < MUTANT_ROUNDS && !mutants[name].shows.test(wrong); round++) {
      await matrix?.close();
      matrix = await KillMatrix.start(name, round);
      wrong = (await matrix.run(cyclesOf(mutants[name]))).wrong.join('\n');
    }
    expect(wrong).toMatch(mutants[name].shows);
  },
  MUTANT_ROUNDS * 240_000,
);
