// Which tiers a read asks, and how often.
import { expect, it, jest } from '@jest/globals';
import { RedisTier } from '../../../src/cache/tiers/redis-tier.js';
import { eventually } from '../../support/eventually.js';
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
  const gate = Promise.withResolvers<void>();
  const read = rig.origin.read.bind(rig.origin);
  jest.spyOn(rig.origin, 'read').mockImplementationOnce((keys) => gate.promise.then(() => read(keys)));
  const leads = b.products.get(key);
  await eventually(() => expect(rig.origin.read).toHaveBeenCalledTimes(1));
  const asked = jest.spyOn(RedisTier.prototype, 'token');
  const looked = jest.spyOn(RedisTier.prototype, 'lease');
  const follows = a.products.get(key);
  // It has seen that another process loads, and looks whether that is over.
  await eventually(() => expect(asked).toHaveBeenCalled());
  rig.redis.freeze();
  const looksBefore = looked.mock.calls.length;
  try {
    expect(await follows).toMatchObject({ tier: 'origin' });
    expect(asked.mock.calls.length).toBeGreaterThan(0);
    expect(looked.mock.calls.length).toBe(looksBefore);
  } finally {
    rig.redis.thaw();
    gate.resolve();
    await leads;
  }
});
