// Leader locks of jobs and rebuilds.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LeaderLock } from '../../../src/cache/locks/leader-lock.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { logger, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();
/** A process that stands still for a moment does not lose it. */
const TTL_MS = 4_000;

describe('leadership', () => {
  it('is held by one at a time, and given back', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const locks = [new LeaderLock(a.layers, logger), new LeaderLock(b.layers, logger)] as const;
    let inside = 0;
    let most = 0;
    const job = async () => {
      most = Math.max(most, ++inside);
      await sleep(1.2 * TTL_MS); // longer than the lock lasts: it is extended
      inside--;
      return 'done';
    };
    const first = locks[0].runIfLeader('job', TTL_MS, job);
    await eventually(() => expect(inside).toBe(1));
    expect(await locks[1].runIfLeader('job', TTL_MS, job)).toEqual({ ran: false, reason: 'taken' });
    await sleep(TTL_MS);
    expect(await locks[1].runIfLeader('job', TTL_MS, job)).toEqual({ ran: false, reason: 'taken' });
    expect(await first).toEqual({ ran: true, result: 'done' });
    expect(await locks[1].runIfLeader('job', 1_000, async () => 2)).toEqual({ ran: true, result: 2 });
    await expect(locks[0].runIfLeader('job', 1_000, () => Promise.reject(new Error('failed')))).rejects.toThrow(
      'failed',
    );
    expect(await locks[0].runIfLeader('job', 1_000, async () => 3)).toEqual({ ran: true, result: 3 });
    expect(most).toBe(1);
  });

  it('tells the work when it was lost, and keeps its result', async () => {
    const a = await rig.startProcess();
    const lock = new LeaderLock(a.layers, logger);
    const result = await lock.runIfLeader('lost', 1_000, async ({ signal }) => {
      await a.layers.client('operational').set(keyspace.operational.lock('lost'), 'another');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return signal.aborted;
    });
    expect(result).toEqual({ ran: true, result: true });
  });
});
