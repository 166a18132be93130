// The tiered cache over a real Redis Cluster.
import { afterAll, beforeAll } from '@jest/globals';
import calculateSlot from 'cluster-key-slot';
import { keyspace } from '../../../src/platform/keyspace.js';
import { startRedisCluster, type TestRedisCluster } from '../../support/redis-cluster.js';
import { aKey, CacheRig } from './cache-rig.js';

/** One for the tests of a group. @returns what gives it to them: it is there from the first one on */
export function useClusterRig(): () => { readonly cluster: TestRedisCluster; readonly rig: CacheRig } {
  let cluster: TestRedisCluster;
  let rig: CacheRig;
  beforeAll(async () => {
    cluster = await startRedisCluster();
    rig = new CacheRig(cluster.url);
  }, 60_000);
  afterAll(async () => {
    await rig.stopProcesses();
    await cluster.remove();
  });
  return () => ({ cluster, rig });
}

const slotOwner = (name: string): number => Math.floor(calculateSlot(name) / Math.ceil(16_384 / 3));

/** The key of a product whose entry is on another node than the clock and the stream of invalidations. */
export function aKeyBesideTheStream(): string {
  const stream = slotOwner(keyspace.application.invalidations());
  for (;;) {
    const key = aKey();
    if (slotOwner(keyspace.application.entry('product', key)) !== stream) return key;
  }
}
