// Which tiers a read asks, and how often.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import { RedisTier } from '../../../src/cache/tiers/redis-tier.js';
import { aKey, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();

it('a tier that is not asked does not answer, however late a read accepts', async () => {
  const a = await rig.startProcess({ product: { jitter: 0, earlyRefreshFactor: 0 } });
  const key = aKey();
  rig.origin.versions.set(key, 1);
  await a.products.get(key, { without: ['redis'] });
  rig.origin.versions.set(key, 2);
  rig.origin.delayMs = () => 30;
  const answer = await a.products.get(key, { without: ['memory'], acceptStale: true });
  expect(answer).toMatchObject({ tier: 'origin' });
});

it('a read that follows another process waits for a dead redis once', async () => {
  const [a, b] = [await rig.startProcess(), await rig.startProcess()];
  const key = aKey();
  rig.origin.versions.set(key, 1);
  rig.origin.delayMs = () => 300;
  const leads = b.products.get(key);
  await sleep(50);
  rig.origin.delayMs = () => 1;
  const asked = jest.spyOn(RedisTier.prototype, 'token');
  const looked = jest.spyOn(RedisTier.prototype, 'lease');
  const follows = a.products.get(key);
  await sleep(30);
  rig.redis.freeze();
  const looksBefore = looked.mock.calls.length;
  try {
    expect(await follows).toMatchObject({ tier: 'origin' });
    expect(asked.mock.calls.length).toBeGreaterThan(0);
    expect(looked.mock.calls.length).toBe(looksBefore);
  } finally {
    rig.redis.thaw();
    await leads;
  }
});
