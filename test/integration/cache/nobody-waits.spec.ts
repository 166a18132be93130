// A read that was answered with what is late leaves its load behind: how that ends is nobody's failure.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { cachePolicy } from '../../../src/cache/cache-policy.js';
import { aKey, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();
const { freshMs } = cachePolicy.product.redis;
const lateMs = freshMs + cachePolicy.product.staleMs + 60_000;

it('a load that nobody waits for may fail after its key was made void', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const a = await rig.startProcess({ product: { jitter: 0, earlyRefreshFactor: 0 } });
    const key = aKey();
    rig.origin.versions.set(key, 1);
    await a.products.get(key);
    await a.cache.settled();
    a.clock.aheadMs = lateMs;
    rig.origin.delayMs = () => 60;
    rig.origin.read = async () => {
      await sleep(100);
      throw new Error('the origin is out');
    };
    expect(await a.products.get(key, { acceptStale: true })).toMatchObject({ stale: true });
    await sleep(30);
    await a.products.invalidate([key]);
    await a.cache.settled();
    await sleep(50);
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
