// How an invalidation reaches every tier and process, and what happens when its message is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { createRandom } from '../../support/random.js';
import { aKey, type Process, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

describe('invalidation', () => {
  /** Short, so that the test of lost messages is. */
  const boundMs = 300;
  const byKey = (a: Process, key: string) => a.products.invalidate([key]);
  const byTag = (a: Process, key: string) => a.cache.invalidate({ tags: [`product:${key}`] });

  it('reaches other processes by key, tag, category and for everything', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    let version = 0;
    for (const what of [
      { category: 'product', keys: [key] },
      { tags: [`product:${key}`] },
      { tags: ['products'] },
      { category: 'product' },
      { all: true },
    ] as const) {
      rig.origin.versions.set(key, ++version);
      expect((await a.cache.invalidate(what)).published).toBe(true);
      expect(await versionOf(a, key)).toBe(version);
      await eventually(async () => expect(await versionOf(b, key)).toBe(version), cacheLimits.staleBoundMs);
    }
    // Loaded since the last invalidation: not void by its own echo.
    await a.cache.settled();
    expect(a.products.peek(key)).toMatchObject({ tier: 'memory' });
    expect(await (await rig.startProcess()).products.get(key)).toMatchObject({ tier: 'redis' });
    await expect(a.cache.invalidate({ keys: [key] })).rejects.toThrow(RangeError);
  });

  it('is honoured by a process that starts later', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    await rig.write(a, key, 1);
    await versionOf(b, key);
    await b.cache.settled();
    rig.origin.versions.set(key, 2);
    await a.cache.invalidate({ tags: [`product:${key}`] });
    expect(await versionOf(await rig.startProcess(), key)).toBe(2);
  });

  it('is not joined by a reader who comes after it: a load begun before it is only for those who came before', async () => {
    const a = await rig.startProcess();
    for (const invalidate of [byKey, byTag]) {
      const key = aKey();
      rig.origin.versions.set(key, 1);
      rig.origin.delayMs = () => 100;
      const { rowsRead } = rig.origin;
      const early = versionOf(a, key);
      // The old version has been read, and is on its way.
      await eventually(() => expect(rig.origin.rowsRead).toBe(rowsRead + 1));
      rig.origin.versions.set(key, 2);
      await invalidate(a, key);
      const late = Promise.all([versionOf(a, key), versionOf(a, key)]);
      expect(await early).toBe(1);
      rig.origin.delayMs = () => 0;
      expect(await late).toEqual([2, 2]);
      await a.cache.settled();
      expect(await versionOf(a, key)).toBe(2);
      expect(await versionOf(await rig.startProcess(), key)).toBe(2);
    }
  });

  it('is noticed when its message was lost: memory is not believed', async () => {
    const [a, b] = [
      await rig.startProcess({ staleBoundMs: boundMs }),
      await rig.startProcess({ staleBoundMs: boundMs }),
    ];
    const client = redisOf(a);
    for (const lose of [
      () => client.del(keyspace.application.invalidations()),
      () => client.flushall(),
      // An older state of the server, as after a fail-over to a replica that was behind.
      () => client.hset(keyspace.application.clock(), 'stamp', 0),
      () => client.del(keyspace.application.tagStamps()),
    ]) {
      const key = aKey();
      await rig.write(a, key, 1);
      await eventually(async () => expect(await versionOf(b, key)).toBe(1));
      rig.origin.versions.set(key, 2);
      // What b would hear is gone before b can read it.
      await client.multi().del(keyspace.application.entry('product', key)).exec();
      const sent = a.products.invalidate([key]);
      const lost = lose();
      await Promise.all([sent, lost]);
      await sleep(boundMs);
      expect(await versionOf(a, key)).toBe(2);
      expect(await versionOf(b, key)).toBe(2);
    }
  });

  it('is not lost to a replica that was behind and has overtaken since', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const client = redisOf(a);
    const clock = keyspace.application.clock();
    const [key, other] = [aKey(), aKey()];
    await rig.write(a, key, 1);
    await eventually(async () => expect(await versionOf(b, key)).toBe(1));
    await b.cache.settled();
    const stamp = Number(await client.hget(clock, 'stamp'));
    const entry = await client.getBuffer(keyspace.application.entry('product', key));
    // In one step, so that b cannot look in between: the invalidation of version 1 is made, and then lost with all that
    // the new server has not heard of; its clock goes on from before and gives the same stamp to something else.
    rig.origin.versions.set(key, 2);
    await client
      .multi()
      .hset(clock, 'stamp', stamp, 'run', '0123456789abcdef')
      .set(keyspace.application.entry('product', key), entry!)
      .exec();
    await a.products.invalidate([other]);
    await eventually(async () => expect(await versionOf(b, key)).toBe(2), 2 * cacheLimits.staleBoundMs);
    expect(await versionOf(await rig.startProcess(), key)).toBe(2);
  });

  it('goes on when connections are killed, within the bound wherever the writer could publish', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const killer = rig.connect();
    await killer.waitUntilUp(1_000);
    const random = createRandom('killed connections');
    const key = aKey();
    for (let version = 1; version <= 4; version++) {
      await killer.client('application').call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await sleep(random.integer(0, 200));
      rig.origin.versions.set(key, version);
      const { published } = await a.cache.invalidate({ category: 'product', keys: [key] });
      expect(await versionOf(a, key)).toBe(version);
      await sleep(cacheLimits.staleBoundMs);
      if (published) expect(await versionOf(b, key)).toBe(version);
      else await eventually(async () => expect(await versionOf(b, key)).toBe(version));
    }
    await killer.close();
  });

  it('forgets stamps only together with the entries they speak of', async () => {
    const a = await rig.startProcess();
    const client = redisOf(a);
    const key = aKey();
    await rig.write(a, key, 1);
    await versionOf(a, key);
    await a.cache.settled();
    await a.cache.invalidate({ tags: [`product:${key}`] });
    // As if the marks were older than any entry lives.
    await client.hset(keyspace.application.clock(), 'markAt', 1);
    await a.cache.invalidate({ tags: ['something else'] });
    expect(await client.zscore(keyspace.application.tagStamps(), `product:${key}`)).not.toBeNull();
    await client.hset(keyspace.application.clock(), 'markAt', 1);
    await a.cache.invalidate({ tags: ['something else'] });
    expect(await client.zscore(keyspace.application.tagStamps(), `product:${key}`)).toBeNull();
    rig.origin.versions.set(key, 2);
    expect(await versionOf(await rig.startProcess(), key)).toBe(2);
  });
});
