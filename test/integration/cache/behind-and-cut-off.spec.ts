// A process that is a few messages behind, and then cannot tell redis what it has written.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { StreamFollower } from '../../../src/cache/invalidation/stream-follower.js';
import { RedisTier } from '../../../src/cache/tiers/redis-tier.js';
import { eventually } from '../../support/eventually.js';
import { aKey, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();
afterEach(() => rig.redis.accept());

/** Longer than a test: nothing here is late by as much. */
const staleBoundMs = 30_000;

/** The messages to A are late: by less than the bound, as the contract allows. B has stored a key under a stamp beyond them. */
async function startOneBehind() {
  const { read } = StreamFollower.prototype;
  const followers = new Set<StreamFollower>();
  const late = new Set<StreamFollower>();
  jest.spyOn(StreamFollower.prototype, 'read').mockImplementation(async function (this: StreamFollower, ...args) {
    followers.add(this);
    while (late.has(this)) await sleep(5);
    return read.apply(this, args);
  });
  const a = await rig.startProcess({ staleBoundMs });
  for (const follower of followers) late.add(follower);
  const b = await rig.startProcess({ staleBoundMs });
  const key = aKey();
  rig.origin.versions.set(key, 1);
  await versionOf(b, aKey());
  await sleep(350); // the read that was under way has ended
  await a.products.getMany([]);
  await b.cache.invalidate({ tags: ['something-else'] });
  expect(await versionOf(b, key)).toBe(1);
  await b.cache.settled();
  const writeUntold = async () => {
    await rig.redis.refuse('xadd', 'xread');
    late.clear();
    rig.origin.versions.set(key, 2);
    expect(await a.cache.invalidate({ tags: [`product:${key}`] })).toMatchObject({ published: false });
  };
  return { a, key, writeUntold };
}

describe('the writer does not give what was read before its write', () => {
  it('though its copy came from a process that was ahead', async () => {
    const { a, key, writeUntold } = await startOneBehind();
    expect(await a.products.get(key)).toMatchObject({ tier: 'redis' });
    expect(a.cache.isCurrent).toBe(true);
    await writeUntold();
    const seen = await versionOf(a, key);
    await sleep(2_000);
    expect([seen, await versionOf(a, key)]).toEqual([2, 2]);
  });

  it('though the reply of redis came after it', async () => {
    const { a, key, writeUntold } = await startOneBehind();
    const { readOne } = RedisTier.prototype;
    const reply = Promise.withResolvers<void>();
    jest.spyOn(RedisTier.prototype, 'readOne').mockImplementationOnce(function (this: RedisTier<unknown>, name, done) {
      readOne.call(this, name, (...read) => void reply.promise.then(() => done(...read)));
    });
    const before = versionOf(a, key);
    await sleep(50);
    await writeUntold();
    reply.resolve();
    await before;
    expect(await versionOf(a, key)).toBe(2);
  });
});

describe('a process whose own invalidation cannot be done', () => {
  it('hears all the same of what others make void in a redis that it can reach', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const [own, shared] = [aKey(), aKey()];
    for (const key of [own, shared]) rig.origin.versions.set(key, 1);
    for (const one of [a, b]) for (const key of [own, shared]) expect(await versionOf(one, key)).toBe(1);
    await Promise.all([a.cache.settled(), b.cache.settled()]);
    await rig.redis.refuse('unlink', 'set'); // entries cannot be deleted; the stream goes on
    rig.origin.versions.set(own, 2);
    await a.products.invalidate([own]);
    expect(a.cache.stats().pendingInvalidations).toBe(1);
    rig.origin.versions.set(shared, 2);
    expect(await b.cache.invalidate({ tags: [`product:${shared}`] })).toMatchObject({ published: true });
    await sleep(2 * cacheLimits.staleBoundMs);
    const seen = await versionOf(a, shared);
    await rig.redis.accept();
    await eventually(() => expect(a.cache.stats()).toMatchObject({ current: true, pendingInvalidations: 0 }));
    expect(seen).toBe(2);
  });
});

describe('a clock that is set back', () => {
  it('does not let a process trust what it cannot check', async () => {
    const [a, b] = [
      await rig.startProcess({ product: { jitter: 0, earlyRefreshFactor: 0 } }),
      await rig.startProcess(),
    ];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    a.clock.aheadMs = 60_000;
    await a.products.getMany([]);
    expect(await versionOf(a, key)).toBe(1);
    await sleep(400);
    a.clock.aheadMs = 0; // ntp sets it right
    await sleep(400);
    // The stream cannot be read any more by A; B publishes.
    await rig.redis.refuse('xread');
    await sleep(1_500);
    rig.origin.versions.set(key, 2);
    const { published } = await b.cache.invalidate({ tags: [`product:${key}`] });
    await sleep(1_500);
    const answer = await a.products.get(key);
    await rig.redis.accept();
    expect({ published, stale: answer.stale }).toEqual({ published: true, stale: true });
  });
});
