// One part of redis fails while the others go on: the entries, the stream of invalidations.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { Invalidator } from '../../../src/cache/invalidation/invalidator.js';
import { TagSpace } from '../../../src/cache/invalidation/tag-space.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { aKey, type Process, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();
afterEach(() => rig.redis.accept());

/** What redis refuses when a part of it is out. */
const parts = { entries: ['mget', 'exists', 'set', 'unlink'], stream: ['xadd', 'xread'] } as const;
type Part = keyof typeof parts;
const fail = (part: Part) => rig.redis.refuse(...parts[part]);
const restore = (part: Part) => rig.redis.accept(...parts[part]);
const otherThan = (part: Part): Part => (part === 'entries' ? 'stream' : 'entries');

const redisVersion = async ({ products }: Process, key: string): Promise<number | undefined> => {
  const answer = await products.get(key, { without: ['memory'] });
  return answer.found ? answer.document.value.version : undefined;
};

describe('an entry that cannot be deleted', () => {
  /** @returns what a process sees that was told, and one that starts later, while redis has the old entry. */
  async function undeleted() {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    for (const one of [a, b]) expect(await versionOf(one, key)).toBe(1);
    await Promise.all([a.cache.settled(), b.cache.settled()]);
    await rig.redis.refuse('unlink', 'set');
    rig.origin.versions.set(key, 2);
    await a.products.invalidate([key]);
    expect(await redisOf(a).exists(keyspace.application.entry('product', key))).toBe(1);
    expect(a.cache.stats().pendingInvalidations).toBe(1);
    expect(await versionOf(a, key)).toBe(2);
    await sleep(cacheLimits.staleBoundMs);
    const seen = [await versionOf(b, key), await redisVersion(b, key), await versionOf(await rig.startProcess(), key)];
    await rig.redis.accept();
    await eventually(() => expect(a.cache.stats()).toMatchObject({ current: true, pendingInvalidations: 0 }));
    expect(await redisVersion(a, key)).toBe(2);
    return seen;
  }

  it('is void all the same, in every process and in those that start later', async () => {
    expect(await undeleted()).toEqual([2, 2, 2]);
  });

  it('is caught by this test when it is not', async () => {
    jest.spyOn(TagSpace.prototype, 'isKeyVoid').mockReturnValue(false);
    expect(await undeleted()).toContain(1);
  });
});

describe('entries and stream', () => {
  const staleBoundMs = 300;

  /**
   * One fails, then the other; one returns, then the other. Each time something is written, by key and by tag.
   * @returns what was wrong
   */
  async function failAndReturn(first: Part, firstBack: Part): Promise<string[]> {
    const [a, b] = [await rig.startProcess({ staleBoundMs }), await rig.startProcess({ staleBoundMs })];
    const [byKey, byTag] = [aKey(), aKey()];
    const keys = [byKey, byTag];
    const wrong: string[] = [];
    let version = 0;
    const write = async () => {
      version++;
      for (const key of keys) rig.origin.versions.set(key, version);
      await a.products.invalidate([byKey]);
      await a.cache.invalidate({ tags: [`product:${byTag}`] });
    };
    const look = async (when: string, reader: string, one: Process, mayBeMarked: boolean) => {
      for (const key of keys) {
        const answer = await one.products.get(key);
        const seen = answer.found ? answer.document.value.version : undefined;
        if (seen === version || (mayBeMarked && answer.stale)) continue;
        wrong.push(`${when}: ${reader} sees ${seen} instead of ${version} by ${key === byKey ? 'key' : 'tag'}`);
      }
    };
    const steps: readonly (readonly [string, () => Promise<void>])[] = [
      ['all is well', async () => {}],
      [`${first} out`, () => fail(first)],
      ['both out', () => fail(otherThan(first))],
      [`${firstBack} back`, () => restore(firstBack)],
      ['both back', () => restore(otherThan(firstBack))],
    ];
    for (const [when, step] of steps) {
      await step();
      await write();
      await look(when, 'the writer', a, false);
      await sleep(staleBoundMs + 50);
      // Who cannot be told may serve what it has, and says so.
      await look(when, 'the writer, later', a, false);
      await look(when, 'another process', b, when !== 'all is well');
    }
    await eventually(() => {
      for (const { cache } of [a, b]) expect(cache.stats()).toMatchObject({ current: true, pendingInvalidations: 0 });
    }).catch(() => wrong.push('it did not recover'));
    await sleep(staleBoundMs);
    const cold = await rig.startProcess({ staleBoundMs });
    for (const [name, one] of Object.entries({ 'the writer': a, 'another process': b, 'a new process': cold })) {
      await look('at the end', name, one, false);
    }
    return wrong;
  }

  const orders = (['entries', 'stream'] as const).flatMap((first) => [
    { first, firstBack: first },
    { first, firstBack: otherThan(first) },
  ]);
  it.each(orders)('$first fails first and $firstBack returns first: nothing old is given unmarked', async (order) => {
    expect(await failAndReturn(order.first, order.firstBack)).toEqual([]);
  });

  it('is caught by this test when what could not be told is not told later', async () => {
    jest.spyOn(Invalidator.prototype, 'replay').mockResolvedValue(true);
    expect(await failAndReturn('entries', 'entries')).not.toEqual([]);
  });
});
