// The stock gate against a model, with random steps. SEED repeats a run, MODEL_STEPS makes it longer (100000 for a night).
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type InventoryScripts, inventoryScripts } from '../../../../src/inventory/holds/inventory.scripts.js';
import { runSeed } from '../../../support/random.js';
import type { StockProcess } from '../stock-process.js';
import { startShop, useStockServers } from '../stock-rig.js';
import { faults, withFault } from './broken-scripts.js';
import { ModelRig } from './model-rig.js';
import type { ShadowStock } from './shadow-stock.js';
import { comeToRest, steps, taken } from './stock-steps.js';

const STEPS = Number(process.env.MODEL_STEPS ?? 5_000);
const STEPS_PER_RUN = 100;

useStockServers();

/** Lets the real thing and the model live through random stories. */
async function tellStories(scripts: InventoryScripts, parameters: fc.Parameters<[unknown, unknown]>) {
  // A reply that a busy machine makes late would be an outage, of which the model knows nothing.
  const options = { scripts, env: { REDIS_COMMAND_TIMEOUT_MS: '30000' } };
  const processes: [StockProcess, StockProcess] = [await startShop(options), await startShop(options)];
  const onHand = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 4, maxLength: 4 });
  const commands = fc.commands<ShadowStock, ModelRig, false>(steps, { maxCommands: STEPS_PER_RUN, size: 'max' });
  try {
    return await fc.check(
      fc.asyncProperty(onHand, commands, async (units, chosen) => {
        const rig = new ModelRig(processes);
        const shadow = await rig.start(units);
        await fc.asyncModelRun(() => ({ model: shadow, real: rig }), chosen);
        await comeToRest(shadow, rig);
      }),
      { seed: runSeed, ...parameters },
    );
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}

describe('inventory and its model', () => {
  test(
    `agree after each of ${STEPS} random steps`,
    async () => {
      taken.steps = 0;
      while (taken.steps < STEPS) {
        const seed = runSeed + taken.steps;
        const numRuns = Math.ceil((2 * (STEPS - taken.steps)) / STEPS_PER_RUN);
        const details = await tellStories(inventoryScripts, { seed, numRuns });
        if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
      }
    },
    Math.max(60_000, STEPS * 100),
  );

  test.each(faults)('disagree when $name', async (fault) => {
    const details = await tellStories(withFault(fault), { numRuns: 500, endOnFailure: true });
    expect(details.failed).toBe(true);
  });
});
