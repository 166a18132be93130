// Many entries go to redis as one text, cut there by their lengths in bytes: each must arrive as it was, and only its own.
import { describe, expect, it } from '@jest/globals';
import { fillEntries, takeLeases } from '../../../src/cache/tiers/entry.scripts.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { createRandom } from '../../support/random.js';
import { aKey, redisOf, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();
const PIECES = ['x', '0 1', '\r\n', 'ü', '€', '💎', '"\\u0000"', ''] as const;
const lease = { leaseMs: 10_000, purpose: 'fill' } as const;

describe('a fill of many', () => {
  it('stores each entry as it was given, and none whose lease is gone', async () => {
    const client = redisOf(await rig.startProcess());
    const random = createRandom('fills');
    for (let round = 0; round < 50; round++) {
      const token = `token-${round}`;
      const hasBytes = random.chance(0.5);
      const fills = Array.from({ length: random.integer(1, 20) }, () => {
        const text = Array.from({ length: random.integer(0, 30) }, () => random.pick(PIECES)).join('');
        const isBytes = hasBytes && random.chance(0.3);
        // As a compressed body: bytes that are no text.
        const content = isBytes ? Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0, 0xc3])]) : text;
        return { key: aKey(), token, ttlMs: 10_000, envelope: { content, bytes: Buffer.byteLength(content) } };
      });
      const keys = fills.map(({ key }) => key);
      await takeLeases(client, 'product', keys, { ...lease, token });
      const gone = keys.filter(() => random.chance(0.2));
      for (const key of gone) await client.del(keyspace.application.fence('product', key));
      expect(await fillEntries(client, 'product', fills)).toEqual(keys.map((key) => !gone.includes(key)));
      const stored = await client.mgetBuffer(keys.map((key) => keyspace.application.entry('product', key)));
      const given = fills.map(({ key, envelope }) => (gone.includes(key) ? null : Buffer.from(envelope.content)));
      expect(stored).toEqual(given);
      expect(await client.exists(keys.map((key) => keyspace.application.fence('product', key)))).toBe(0);
    }
  });

  it('stores nothing when the lengths do not fit', async () => {
    const client = redisOf(await rig.startProcess());
    const key = aKey();
    await takeLeases(client, 'product', [key], { ...lease, token: 't' });
    const fill = { key, token: 't', ttlMs: 10_000, envelope: { content: 'ü', bytes: 1 } };
    await expect(fillEntries(client, 'product', [fill])).rejects.toThrow('its bytes');
    expect(await client.exists(keyspace.application.entry('product', key))).toBe(0);
  });
});
