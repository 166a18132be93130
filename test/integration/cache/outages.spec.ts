// Redis killed, frozen and flushed.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { eventually } from '../../support/eventually.js';
import { createRandom } from '../../support/random.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { aKey, CacheRig, counted, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

it('redis is not out when this process was too busy to read its answers', async () => {
  const a = await rig.startProcess();
  const key = aKey();
  await rig.write(a, key, 1);
  await versionOf(a, key);
  await a.cache.settled();
  const cold = await rig.startProcess();
  const read = cold.products.get(key);
  // The command has been sent by then, and its answer comes while nobody reads.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  const busyUntilMs = performance.now() + 1.5 * cacheLimits.redisDeadlineMs;
  while (performance.now() < busyUntilMs);
  expect(await read).toMatchObject({ tier: 'redis', stale: false });
  expect(await counted(cold, 'cache_redis_failures_total', { kind: 'down' })).toBe(0);
});

describe('when redis is out', () => {
  let isGone = false;
  const kill = async () => {
    isGone = true;
    await rig.redis.kill9();
  };
  const revive = async () => {
    if (isGone) await rig.redis.start();
    isGone = false;
  };
  afterEach(async () => {
    rig.redis.thaw();
    await revive();
  });

  it('killed: reads go on from memory, marked, and from the origin; it recovers by itself', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const [kept, unknown] = [aKey(), aKey()];
    await rig.write(a, kept, 1);
    await rig.write(a, unknown, 1);
    for (const one of [a, b]) await versionOf(one, kept);
    await kill();
    expect(await versionOf(a, unknown)).toBe(1);
    await sleep(cacheLimits.staleBoundMs + 100);
    expect(a.products.peek(kept)).toMatchObject({ tier: 'memory', stale: true, document: { value: { version: 1 } } });
    expect(await a.products.get(kept)).toMatchObject({ tier: 'memory', stale: true });

    // What this process writes meanwhile it sees at once; redis and the others hear of it later.
    rig.origin.versions.set(kept, 2);
    expect(await a.cache.invalidate({ tags: [`product:${kept}`] })).toMatchObject({ published: false });
    expect(await versionOf(a, kept)).toBe(2);
    rig.origin.versions.set(unknown, 2);
    await a.products.invalidate([unknown]);
    expect(await versionOf(a, unknown)).toBe(2);
    expect(await counted(a, 'cache_pending_invalidations')).toBe(2);

    await revive();
    await eventually(async () => {
      expect(await counted(a, 'cache_current')).toBe(1);
      expect(await counted(b, 'cache_current')).toBe(1);
      expect(await counted(a, 'cache_pending_invalidations')).toBe(0);
    });
    expect(await versionOf(b, kept)).toBe(2);
    expect(await versionOf(b, unknown)).toBe(2);
    await eventually(async () => {
      expect(await (await rig.startProcess()).products.get(kept)).toMatchObject({ tier: 'redis', stale: false });
    });
  });

  it('cut off alone: a process finds void what another one stored before it heard of the write', async () => {
    const proxy = await TcpProxy.start(rig.redis.url);
    const far = new CacheRig(proxy.urlFor(rig.redis.url));
    far.origin = rig.origin;
    try {
      const [a, b] = [await far.startProcess(), await rig.startProcess()];
      const key = aKey();
      rig.origin.versions.set(key, 1);
      proxy.cut();
      // From here on the clock is ahead of what the first process knows.
      await b.cache.invalidate({ tags: ['another'] });
      expect(await versionOf(b, key)).toBe(1);
      await b.cache.settled();
      rig.origin.versions.set(key, 2);
      expect(await a.cache.invalidate({ tags: [`product:${key}`] })).toMatchObject({ published: false });
      proxy.restore();
      await eventually(() => expect(a.cache.stats()).toMatchObject({ current: true, pendingInvalidations: 0 }));
      expect(await versionOf(a, key)).toBe(2);
    } finally {
      await far.stopProcesses();
      await proxy.stop();
    }
  });

  it('frozen: a read waits for it once at most, and what was written meanwhile is told afterwards', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    await rig.write(a, key, 1);
    for (const one of [a, b]) await versionOf(one, key);
    await a.cache.settled();
    rig.redis.freeze();
    const waits: number[] = [];
    rig.origin.versions.set('cold', 1);
    for (let i = 0; i < 30; i++) {
      const startedAtMs = performance.now();
      expect(await versionOf(a, i === 0 ? 'cold' : key)).toBe(1);
      waits.push(performance.now() - startedAtMs);
      await sleep(50);
    }
    // Two steps of one way may each meet the deadline before the breaker opens; all others do not wait.
    expect(waits.filter((ms) => ms > cacheLimits.redisDeadlineMs / 2).length).toBeLessThanOrEqual(2);
    rig.origin.versions.set(key, 2);
    await a.products.invalidate([key]);
    expect(await versionOf(a, key)).toBe(2);
    rig.redis.thaw();
    // The server was never gone, so its entry of the old version is still there: it must be dropped before it is read.
    await eventually(async () => expect(await versionOf(b, key)).toBe(2));
    expect(await versionOf(a, key)).toBe(2);
  });

  it('lets no more loads reach the origin than there are places, and refuses what cannot wait', async () => {
    const a = await rig.startProcess({ originConcurrency: 4 });
    await kill();
    let running = 0;
    let most = 0;
    jest.spyOn(rig.origin, 'read').mockImplementation(async (keys) => {
      most = Math.max(most, ++running);
      await sleep(1);
      running--;
      return new Map(keys.map((id) => [id, { id, version: 1 }]));
    });
    const answers = await Promise.allSettled(Array.from({ length: 600 }, () => a.products.get(aKey())));
    expect(most).toBe(4);
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(600 - 4 - cacheLimits.originQueue);
    expect(refused[0]).toMatchObject({ reason: { code: 'unavailable', options: { retryAfterS: 1 } } });
  });

  it('flushed under load: no read fails and none is stale beyond the bound', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const random = createRandom('flushed');
    const keys = Array.from({ length: 20 }, aKey);
    for (const key of keys) rig.origin.versions.set(key, 0);
    const answered = new Map<string, { version: number; atMs: number }[]>(keys.map((key) => [key, []]));
    const endAtMs = Date.now() + 3_000;
    const client = redisOf(a);
    let late = 0;
    const readers = [a, b].flatMap((process) =>
      Array.from({ length: 6 }, async () => {
        while (Date.now() < endAtMs) {
          const key = random.pick(keys);
          const knownAtMs = Date.now() - (process === a ? 0 : cacheLimits.staleBoundMs);
          const floor = answered.get(key)!.findLast(({ atMs }) => atMs <= knownAtMs)?.version ?? 0;
          if ((await versionOf(process, key))! < floor) late++;
          await sleep(random.integer(0, 3));
        }
      }),
    );
    const writer = (async () => {
      for (let version = 1; Date.now() < endAtMs; version++) {
        const key = random.pick(keys);
        await rig.write(a, key, version);
        answered.get(key)!.push({ version, atMs: Date.now() });
        if (random.chance(0.05)) await client.flushall();
        await sleep(random.integer(0, 10));
      }
    })();
    await Promise.all([...readers, writer]);
    expect(late).toBe(0);
  });

  it('at the start: the cache serves, and becomes current when redis comes', async () => {
    await kill();
    const key = aKey();
    rig.origin.versions.set(key, 1);
    const a = await rig.startProcess();
    expect(await versionOf(a, key)).toBe(1);
    expect(a.products.peek(key)).toMatchObject({ tier: 'memory', stale: true });
    await revive();
    await eventually(async () => expect(await counted(a, 'cache_current')).toBe(1));
    expect(await a.products.get(key)).toMatchObject({ stale: false });
  });
});
