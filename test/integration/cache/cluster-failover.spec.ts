// A replica that was behind takes over the part of a Redis Cluster that has an entry, and not the part that has the clock.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { ask } from '../../support/redis-cluster.js';
import { redisOf, versionOf } from './cache-rig.js';
import { aKeyBesideTheStream, useClusterRig } from './cluster-rig.js';

describe('a part of a Redis Cluster', () => {
  const clusterRig = useClusterRig();

  it('that comes back with an entry which was deleted does not bring it back', async () => {
    const { cluster, rig } = clusterRig();
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKeyBesideTheStream();
    const name = keyspace.application.entry('product', key);
    rig.origin.versions.set(key, 1);
    for (const one of [a, b]) expect(await versionOf(one, key)).toBe(1);
    await Promise.all([a.cache.settled(), b.cache.settled()]);
    await cluster.replicated();
    for (const master of cluster.masters) {
      await master.refuse('psync', 'sync');
      await ask(master, ['CLIENT', 'KILL', 'TYPE', 'replica']);
    }
    rig.origin.versions.set(key, 2);
    await a.products.invalidate([key]);
    expect(a.cache.stats().pendingInvalidations).toBe(0); // it is answered: deleted, and published
    expect(await redisOf(a).exists(name)).toBe(0);
    await sleep(100);
    await cluster.killMasterOf(name);
    await cluster.untilServed();
    await eventually(async () => expect(await redisOf(b).exists(name)).toBe(1));
    await eventually(() => expect([a.cache.stats().current, b.cache.stats().current]).toEqual([true, true]));
    expect([await versionOf(a, key), await versionOf(b, key)]).toEqual([2, 2]);
  }, 60_000);
});
