// An entry on its way through memory, redis and the origin.
import { describe, expect, it } from '@jest/globals';
import { cachePolicy } from '../../../src/cache/cache-policy.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { aKey, counted, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

describe('reading through the tiers', () => {
  it('goes from the origin to redis to memory, with the same bytes and tag everywhere', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    const first = await a.products.get(key);
    expect(first).toMatchObject({ found: true, tier: 'origin', stale: false });
    await a.cache.settled();
    expect(await a.products.get(key)).toMatchObject({ tier: 'memory', stale: false });
    expect(await b.products.get(key)).toMatchObject({ tier: 'redis', stale: false });
    const hit = b.products.peek(key);
    if (!hit?.found || !first.found) throw new Error('not found');
    expect(hit.tier).toBe('memory');
    expect(hit.document.etag).toBe(first.document.etag);
    expect(hit.document.bytes).toEqual(Buffer.from(`{"id":"${key}","version":1}`));
    // Memory has its bytes: each reader parses a value of its own, and none can change another's.
    expect(hit.document.value).toEqual({ id: key, version: 1 });
    expect(hit.document.value).not.toBe(hit.document.value);
    expect(rig.origin.loads).toBe(1);
    expect(await counted(b, 'cache_requests_total', { category: 'product', tier: 'redis', outcome: 'hit' })).toBe(1);
  });

  it('remembers that there is nothing, briefly, and forgets it when something comes into being', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    expect(await a.products.get(key)).toMatchObject({ found: false, tier: 'origin' });
    await a.cache.settled();
    expect(await a.products.get(key)).toMatchObject({ found: false, tier: 'memory' });
    expect(await b.products.get(key)).toMatchObject({ found: false, tier: 'redis' });
    expect(rig.origin.loads).toBe(1);
    rig.origin.versions.set(key, 1);
    await a.cache.invalidate({ tags: [`product:${key}`] });
    expect(await versionOf(a, key)).toBe(1);
    await eventually(async () => expect(await versionOf(b, key)).toBe(1));

    const other = aKey();
    await a.products.get(other);
    rig.origin.versions.set(other, 1);
    a.clock.aheadMs = cachePolicy.product.negativeMs + 1;
    expect(await versionOf(a, other)).toBe(1);
  });

  it('takes what does not fit the codec, or is damaged, for a miss', async () => {
    const a = await rig.startProcess();
    const [damaged, foreign, otherType] = [aKey(), aKey(), aKey()];
    for (const key of [damaged, foreign, otherType]) rig.origin.versions.set(key, 3);
    const client = redisOf(a);
    await a.products.get(foreign);
    await a.cache.settled();
    const stored = await client.getBuffer(keyspace.application.entry('product', foreign));
    const text = stored!.toString('latin1').replace('"version":3', '"version":""');
    await client.set(keyspace.application.entry('product', foreign), Buffer.from(text, 'latin1'));
    await client.set(keyspace.application.entry('product', damaged), 'rubbish');
    await client.hset(keyspace.application.entry('product', otherType), 'a', 'b');
    const b = await rig.startProcess();
    for (const key of [damaged, foreign, otherType]) {
      expect(await versionOf(b, key)).toBe(3);
    }
    expect(await counted(b, 'cache_unreadable_total')).toBe(2);
    await b.cache.settled();
    expect(await (await rig.startProcess()).products.get(foreign)).toMatchObject({ tier: 'redis' });
  });

  it('sets, warms, inspects', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    await b.products.get(key);
    await a.products.set(key, { id: key, version: 2 });
    expect(a.products.peek(key)).toMatchObject({ document: { value: { version: 2 } } });
    await a.cache.settled();
    await eventually(async () => expect(await versionOf(b, key)).toBe(2));

    const keys = Array.from({ length: 250 }, aKey);
    for (const one of keys) rig.origin.versions.set(one, 1);
    rig.origin.loads = 0;
    const progress = await a.products.warm(keys);
    expect(progress).toEqual({ done: 250, failed: 0 });
    expect(rig.origin.loads).toBe(3);

    await a.cache.settled();
    const inspection = await a.cache.inspect('product', keys[0]!);
    const tier = { state: 'present', found: true, tags: [`product:${keys[0]}`, 'products'], bytes: expect.any(Number) };
    expect(inspection).toMatchObject({ memory: tier, redis: { ...tier, expiresInMs: expect.any(Number) } });
    await a.cache.invalidate({ tags: ['products'] });
    expect(await a.cache.inspect('product', keys[0]!)).toMatchObject({
      memory: { state: 'void' },
      redis: { state: 'void' },
    });
    await a.products.invalidate([keys[0]!]);
    expect(await a.cache.inspect('product', keys[0]!)).toMatchObject({
      memory: { state: 'absent' },
      redis: { state: 'absent' },
    });
  });
});
