// PostgreSQL is out, and the processes that fold are replaced meanwhile: nobody is to blame, nothing is given up.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { newSecretId } from '../../../src/platform/ids.js';
import { eventually } from '../../support/eventually.js';
import { folding, letters, processes, row, startProcess, useWriteBehind, waiting } from './write-behind-rig.js';

/** More than a document may be handed out to processes that do not come back from it. */
const OFTEN = 12;

useWriteBehind();

describe('documents that waited for PostgreSQL', () => {
  const postgres = { isOut: true, asked: 0 };
  beforeEach(() => {
    Object.assign(postgres, { isOut: true, asked: 0 });
    folding.before = () => {
      postgres.asked++;
      if (postgres.isOut) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
  });

  async function expectFoldedByAnHeir(id: string): Promise<void> {
    postgres.isOut = false;
    const heir = await startProcess({ claimIdleMs: 50, claimEveryMs: 20 });
    await eventually(async () => expect(await waiting(heir)).toBe(0));
    expect(await letters()).toEqual([]);
    expect(await row(id)).toEqual({ version: 1, document: { text: 'acknowledged' } });
  }

  it('are folded by the next process, and not taken for what killed the last one', async () => {
    const a = await startProcess();
    const id = newSecretId();
    await a.notes.create(id, { text: 'acknowledged' });
    await eventually(() => expect(postgres.asked).toBeGreaterThan(OFTEN), 30_000);
    await a.writeBehind.stop(); // a deployment during the outage, in good order
    await expectFoldedByAnHeir(id);
  });

  it('are folded after one process after the other had them and was killed', async () => {
    const writer = await startProcess({}, false);
    const id = newSecretId();
    await writer.notes.create(id, { text: 'acknowledged' });
    for (let handedOut = 0; handedOut < OFTEN; handedOut += postgres.asked) {
      postgres.asked = 0;
      const one = await startProcess({ claimIdleMs: 1, claimEveryMs: 1 });
      await eventually(() => expect(postgres.asked).toBeGreaterThan(1));
      await one.layers.close(); // it says nothing more to Redis
      processes.splice(processes.indexOf(one), 1);
      await one.writeBehind.stop();
    }
    await expectFoldedByAnHeir(id);
  });
});
