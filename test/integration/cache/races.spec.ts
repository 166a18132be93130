// Loads, refreshes and invalidations of one key in two processes, in orders that a seeded scheduler chooses.
import { expect, it } from '@jest/globals';
import { Flights } from '../../../src/cache/loading/flights.js';
import type { ReadOptions } from '../../../src/cache/read-options.js';
import { useCacheRig } from './cache-rig.js';
import { expectNothingOlder, firstWrong, keepEverywhere, RACES, type Race, type Scenario, versionIn } from './race.js';

const rig = useCacheRig();
const ways: ReadOptions[] = [{}, { refresh: true }, { refresh: true }, { without: ['memory'] }];

const loadsAndWrites: Scenario = {
  async prepare(race) {
    if (race.random.chance(0.3)) await keepEverywhere(race);
  },
  async run({ a, b, key, random, turns, wrong }: Race) {
    let told = 0;
    const read = async (one: typeof a, options?: ReadOptions) => {
      await turns.take();
      const atLeast = one === a ? told : 0;
      const answer = random.chance(0.3)
        ? (await one.products.getMany([key], options))[0]
        : await one.products.get(key, options);
      const saw = versionIn(answer) ?? 0;
      if (saw < atLeast) wrong.push(`a read that began after version ${atLeast} was answered saw ${saw}`);
    };
    const write = async () => {
      for (let version = 2; version <= 3; version++) {
        await turns.take();
        rig.origin.versions.set(key, version);
        await a.cache.invalidate(
          random.chance(0.5) ? { category: 'product', keys: [key] } : { tags: [`product:${key}`] },
        );
        told = version;
        await read(a);
      }
    };
    await Promise.all([write(), ...Array.from({ length: 5 }, () => read(random.pick([a, b]), random.pick(ways)))]);
  },
  atRest: (race) => expectNothingOlder(race, 3),
};

it(`${RACES} races: no read sees what was written over before it began, and nothing old is kept`, async () => {
  expect(await firstWrong(rig, 'races', loadsAndWrites)).toEqual([]);
}, 180_000);

it('is noticed when loads in flight are not made void', async () => {
  const unfenced = Flights.prototype.void;
  Flights.prototype.void = () => {};
  try {
    expect(await firstWrong(rig, 'races without a fence', loadsAndWrites, 1_000)).not.toEqual([]);
  } finally {
    Flights.prototype.void = unfenced;
  }
}, 180_000);
