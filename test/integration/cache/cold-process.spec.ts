// A process that starts with nothing honours what was made void before it was there.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { TagSpace } from '../../../src/cache/invalidation/tag-space.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { aKey, type Process, redisOf, useCacheRig, versionOf } from './cache-rig.js';
import { firstWrong, HEARD_MS, keepEverywhere, pause, RACES, type Race, type Scenario, UNHURRIED } from './race.js';

const rig = useCacheRig();

/** Version 1 of the keys lies in redis, version 2 at the origin. */
async function storeOld(a: Process, keys: readonly string[]): Promise<void> {
  for (const key of keys) rig.origin.versions.set(key, 1);
  await a.products.getMany(keys);
  await a.cache.settled();
  for (const key of keys) rig.origin.versions.set(key, 2);
  const names = keys.map((key) => keyspace.application.entry('product', key));
  expect(await redisOf(a).exists(...names)).toBe(keys.length);
}

const versionsOf = async ({ products }: Process, keys: readonly string[]): Promise<(number | undefined)[]> => {
  const answers = await products.getMany(keys);
  return answers.map((answer) => (answer.found ? answer.document.value.version : undefined));
};

describe('a process that starts', () => {
  afterEach(() => rig.redis.accept());

  const clears = {
    everything: { all: true },
    'the category': { category: 'product' },
    'a tag': { tags: ['products'] },
  } as const;
  it.each(Object.keys(clears) as (keyof typeof clears)[])(
    'after %s was made void gives nothing older',
    async (what) => {
      const a = await rig.startProcess();
      const keys = Array.from({ length: 50 }, aKey);
      await storeOld(a, keys);
      await a.cache.invalidate(clears[what]);
      // Nothing was deleted: what is void is known by its stamps alone.
      expect(await redisOf(a).exists(...keys.map((key) => keyspace.application.entry('product', key)))).toBe(50);
      await a.cache.stop();
      const cold = await rig.startProcess();
      expect(await versionsOf(cold, keys)).toEqual(keys.map(() => 2));
      expect(await versionOf(await rig.startProcess(), keys[0]!)).toBe(2);
    },
  );

  it('and cannot read the stamps does without redis until it can', async () => {
    const a = await rig.startProcess();
    const key = aKey();
    await storeOld(a, [key]);
    await a.cache.invalidate({ all: true });
    await a.cache.stop();
    await rig.redis.refuse('zrange');
    const cold = await rig.startProcess();
    // More than one turn of following the stream.
    for (let i = 0; i < 5; i++) {
      expect(await versionOf(cold, key)).toBe(2);
      await sleep(cacheLimits.followBlockMs / 2);
    }
    await rig.redis.accept();
    await eventually(() => expect(cold.cache.isCurrent).toBe(true));
    expect(await cold.products.get(key, { without: ['memory'] })).toMatchObject({
      document: { value: { version: 2 } },
    });
  });

  const STARTS = 10;
  const ROUNDS = Math.ceil(RACES / STARTS);
  const stopping: Promise<void>[] = [];
  const startsAndClears: Scenario = {
    async run({ a, key, random, turns, wrong }: Race) {
      let isCleared = false;
      const layers = rig.connect();
      await layers.waitUntilUp(500);
      const clear = async () => {
        await turns.take();
        rig.origin.versions.set(key, 2);
        await a.cache.invalidate(random.pick(Object.values(clears)));
        isCleared = true;
      };
      const start = async () => {
        await turns.take();
        const mustKnow = isCleared;
        const cold = await rig.startProcess({ layers, product: UNHURRIED });
        const seen = await versionOf(cold, key);
        await cold.cache.settled();
        if (mustKnow && seen !== 2) wrong.push(`a process that started later saw ${seen}`);
      };
      await Promise.all([clear(), ...Array.from({ length: STARTS }, start)]);
    },
    async atRest({ key, wrong }) {
      const cold = rig.processes.splice(2);
      let waitedMs = 0;
      for (const one of cold) {
        while ((await versionOf(one, key)) !== 2 && waitedMs < HEARD_MS) waitedMs += await pause();
        if ((await versionOf(one, key)) !== 2) wrong.push('a process that started before did not hear of it');
      }
      stopping.push(Promise.all(cold.map(({ cache }) => cache.stop())).then(() => cold[0]?.layers.close()));
    },
    prepare: keepEverywhere,
  };
  it(`${ROUNDS} times ${STARTS} of them start while something is made void: none gives what is older`, async () => {
    expect(await firstWrong(rig, 'cold starts', startsAndClears, ROUNDS)).toEqual([]);
    await Promise.all(stopping);
  }, 600_000);

  it('is caught by these tests when it does not take over the stamps', async () => {
    const a = await rig.startProcess();
    const key = aKey();
    await storeOld(a, [key]);
    await a.cache.invalidate({ all: true });
    await a.cache.stop();
    const apply = TagSpace.prototype.apply;
    TagSpace.prototype.apply = () => {};
    try {
      expect(await versionOf(await rig.startProcess(), key)).toBe(1);
    } finally {
      TagSpace.prototype.apply = apply;
    }
  });
});
