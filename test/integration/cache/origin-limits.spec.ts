// What protects the origin, and what readers are told meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cacheStatus } from '../../../src/cache/http/cache-response.js';
import { eventually } from '../../support/eventually.js';
import { aKey, itemCodec, type Process, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

const lost = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

/** The next loads fail like this, one after the other. */
function failNext(...errors: readonly Error[]) {
  const read = jest.spyOn(rig.origin, 'read');
  for (const error of errors) read.mockRejectedValueOnce(error);
  return read;
}

async function statusOf({ products }: Process, key: string): Promise<string> {
  const answer = await products.get(key);
  if (!answer.found) throw new Error(`${key} was not found`);
  return cacheStatus(answer);
}

describe('a load that lost its connection', () => {
  it('is tried again, twice at most, and nobody notices', async () => {
    const a = await rig.startProcess();
    const [key, other] = [aKey(), aKey()];
    for (const one of [key, other]) rig.origin.versions.set(one, 7);
    const read = failNext(lost(), lost());
    expect(await versionOf(a, key)).toBe(7);
    expect(read).toHaveBeenCalledTimes(3);
    failNext(lost(), lost(), lost());
    await expect(a.products.get(other)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(read).toHaveBeenCalledTimes(6);
  });

  it('is the only kind that is', async () => {
    const a = await rig.startProcess();
    const read = failNext(new Error('the query is wrong'));
    await expect(a.products.get(aKey())).rejects.toThrow('the query is wrong');
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is not tried again while others wait for its place', async () => {
    const a = await rig.startProcess({ originConcurrency: 1 });
    const [first, second] = [aKey(), aKey()];
    rig.origin.versions.set(second, 1);
    const read = jest.spyOn(rig.origin, 'read');
    // Both have come to the gate by then: what they do in redis before takes them far less.
    read.mockImplementationOnce(() => sleep(500).then(() => Promise.reject(lost())));
    // Refreshes are loads of their own, while reads that miss together are one.
    const answers = await Promise.allSettled([first, second].map((key) => a.products.get(key, { refresh: true })));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('is not tried again beyond the deadline of the load', async () => {
    const a = await rig.startProcess({ product: { loadDeadlineMs: 100 } });
    const read = failNext(lost());
    read.mockImplementation(() => new Promise(() => {}));
    await expect(a.products.get(aKey())).rejects.toMatchObject({ code: 'unavailable' });
    expect(read.mock.calls.length).toBeLessThanOrEqual(2);
  });
});

describe('while redis is out', () => {
  let isGone = false;
  afterEach(async () => {
    if (isGone) await rig.redis.start();
    isGone = false;
  });

  it('so many loads in a second reach the origin; the others get what is late, marked, or are told when to come again', async () => {
    const a = await rig.startProcess({ standbyLoadsPerS: 5 });
    const kept = aKey();
    await rig.write(a, kept, 1);
    expect(await statusOf(a, kept)).toBe('tiershop; fwd=miss; stored; detail=origin');
    isGone = true;
    await rig.redis.kill9();
    await eventually(async () =>
      expect(await statusOf(a, kept)).toMatch(/^tiershop; fwd=stale; .*detail=memory\/redis-down$/),
    );

    const read = jest.spyOn(rig.origin, 'read');
    const startedAtMs = performance.now();
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => a.products.get(aKey())));
    const mayBe = 5 + Math.ceil((5 * (performance.now() - startedAtMs)) / 1_000);
    expect(read.mock.calls.length).toBeGreaterThan(0);
    expect(read.mock.calls.length).toBeLessThanOrEqual(mayBe);
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(50 - read.mock.calls.length);
    expect(refused[0]).toMatchObject({ reason: { status: 503, options: { retryAfterS: 1 } } });
    expect(await a.products.get(kept, { refresh: true })).toMatchObject({ stale: true, degraded: 'origin-limited' });

    await rig.redis.start();
    isGone = false;
    await eventually(async () => {
      await Promise.all(Array.from({ length: 20 }, () => a.products.get(aKey())));
      expect(a.cache.isCurrent).toBe(true);
    });
  });
});

describe('a document that is served because the origin failed', () => {
  it('says so, at once and from memory, and no more when the origin is back', async () => {
    const a = await rig.startProcess({ product: { jitter: 0, earlyRefreshFactor: 0 } });
    const key = aKey();
    await rig.write(a, key, 1);
    await versionOf(a, key);
    a.clock.aheadMs += a.products.policy.redis.freshMs + a.products.policy.staleMs + 1_000;
    await eventually(async () => expect(a.cache.isCurrent).toBe(true));
    rig.origin.failing = true;
    expect(await statusOf(a, key)).toMatch(/^tiershop; fwd=stale; ttl=-\d+; detail=(memory|redis)\/origin-failed$/);
    expect(await statusOf(a, key)).toMatch(/detail=memory\/origin-failed$/);
    rig.origin.failing = false;
    a.clock.aheadMs += 6_000;
    await eventually(async () => expect(await statusOf(a, key)).toMatch(/^tiershop; hit; ttl=\d+; detail=memory$/));
  });
});

it('a loader of single keys takes a place for each key, also when many are read, and when they are audited', async () => {
  const places = 3;
  const a = await rig.startProcess({ originConcurrency: places });
  let atOnce = 0;
  let mostAtOnce = 0;
  const items = a.cache.register('collection', {
    codec: itemCodec,
    load: async (id) => {
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      await sleep(5);
      atOnce--;
      return { id, version: 1 };
    },
    tagsOf: () => [],
  });
  const keys = Array.from({ length: 10 }, aKey);
  const answers = await items.getMany(keys);
  expect(answers.map((answer) => answer.found && answer.document.value.id)).toEqual(keys);
  expect(mostAtOnce).toBe(places);
  mostAtOnce = 0;
  expect((await items.copies.originEtags(keys)).size).toBe(keys.length);
  expect(mostAtOnce).toBe(places);
});

it('one key that fails is an error to those who asked for it, and the others are kept', async () => {
  const a = await rig.startProcess();
  const [good, bad] = [aKey(), aKey()];
  const load = async (id: string) => {
    if (id === bad) throw new Error('this one is broken');
    return { id, version: 1 };
  };
  const items = a.cache.register('collection', { codec: itemCodec, load, tagsOf: () => [] });
  await expect(items.getMany([good, bad])).rejects.toThrow('this one is broken');
  expect(items.peek(good)?.found).toBe(true);
});
