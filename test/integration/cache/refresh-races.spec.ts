// Refreshes that nobody waits for, in orders that a seeded scheduler chooses.
import { describe, expect, it, jest } from '@jest/globals';
import { cachePolicy } from '../../../src/cache/cache-policy.js';
import type { Invalidation } from '../../../src/cache/invalidation/invalidator.js';
import { Flights } from '../../../src/cache/loading/flights.js';
import { FoundEntries } from '../../../src/cache/loading/found-entries.js';
import type { ReadOptions } from '../../../src/cache/read-options.js';
import { AppError } from '../../../src/platform/errors.js';
import { useCacheRig } from './cache-rig.js';
import {
  expectNothingOlder,
  firstWrong,
  keepEverywhere,
  passTime,
  RACES,
  type Race,
  type Scenario,
  versionIn,
} from './race.js';

const rig = useCacheRig();
const { freshMs } = cachePolicy.product.redis;
const { staleMs } = cachePolicy.product;
const LIMIT_MS = 300_000;
/** Due and late times are those of redis alone. */
const product = { jitter: 0, memory: { ...cachePolicy.product.memory, freshMs: 2 * freshMs } };

describe('an early refresh', () => {
  const READERS = 12;
  /** XFetch draws so many times the load cost before the end: of a load of some ms more than this, and less than an hour. */
  const earlyRefreshFactor = 10_000;
  const beforeEndMs = 5_000;

  const stampede: Scenario = {
    options: { product: { ...product, earlyRefreshFactor } },
    async prepare(race) {
      rig.origin.delayMs = () => 2;
      await keepEverywhere(race);
      await passTime(race, freshMs - beforeEndMs);
      rig.origin.versions.set(race.key, 2);
      rig.origin.loads = 0;
    },
    async run({ a, b, key, random, turns, wrong }: Race) {
      const allAnswered = Promise.withResolvers<void>();
      const load = rig.origin.read;
      rig.origin.read = async (keys) => {
        await allAnswered.promise;
        return load(keys);
      };
      const read = async () => {
        await turns.take();
        const { products } = random.pick([a, b]);
        const options: ReadOptions = random.chance(0.3) ? { without: ['memory'] } : {};
        const answer = random.chance(0.3)
          ? (await products.getMany([key], options))[0]
          : await products.get(key, options);
        if (versionIn(answer) !== 1) wrong.push(`a reader was given ${versionIn(answer)} before the load had ended`);
      };
      // Nobody waits: all are answered before the load is let go.
      await Promise.all(Array.from({ length: READERS }, read));
      allAnswered.resolve();
      rig.origin.read = load;
    },
    async atRest(race) {
      if (rig.origin.loads !== 1) race.wrong.push(`${rig.origin.loads} loads`);
      for (const one of [race.a, race.b]) {
        const far = await one.products.get(race.key, { without: ['memory'] });
        if (versionIn(far) !== 2) race.wrong.push(`what was loaded was not kept: ${versionIn(far)} in ${far.tier}`);
      }
    },
  };

  const constantDraws = () => jest.spyOn(Math, 'random').mockReturnValue(0.5);

  it(
    `${RACES} stampedes: one load for the readers of two processes, and nobody waits for it`,
    async () => {
      constantDraws();
      expect(await firstWrong(rig, 'stampedes', stampede)).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is noticed when readers join it',
    async () => {
      constantDraws();
      jest.spyOn(FoundEntries.prototype, 'servedMeanwhile').mockReturnValue(undefined);
      expect(await firstWrong(rig, 'stampedes that wait', stampede, 200)).not.toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('a refresh in the background', () => {
  const removal: Scenario = {
    options: { product: { ...product, earlyRefreshFactor: 0 } },
    async prepare(race) {
      await keepEverywhere(race);
      await passTime(race, freshMs + staleMs / 4);
    },
    async run({ a, b, key, random, turns, wrong }: Race) {
      let isGone = false;
      const read = async (one: typeof a) => {
        await turns.take();
        const mustBeGone = one === a && isGone;
        const answer = await one.products.get(key, random.chance(0.3) ? { without: ['memory'] } : {});
        if (mustBeGone && answer.found) wrong.push(`a read that began after the removal was answered got it`);
      };
      const remove = async () => {
        await turns.take();
        rig.origin.versions.delete(key);
        await a.cache.invalidate(invalidationOf(key, random));
        isGone = true;
        await read(a);
      };
      await Promise.all([remove(), ...Array.from({ length: 6 }, () => read(random.pick([a, b])))]);
    },
    atRest: (race) => expectNothingOlder(race, undefined),
  };

  it(
    `${RACES} races with the removal of what is refreshed: it stays removed`,
    async () => {
      expect(await firstWrong(rig, 'removals', removal)).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is noticed when it is kept although its key was made void',
    async () => {
      expect(await withoutVoidedFlights(() => firstWrong(rig, 'removals without a fence', removal, 1_000))).not.toEqual(
        [],
      );
    },
    LIMIT_MS,
  );
});

describe('a load that is not waited for to its end', () => {
  const impatient: readonly ReadOptions[] = [
    {},
    { acceptStale: true },
    { softDeadlineMs: 1 },
    { deadlineMs: 2 },
    { softDeadlineMs: 1, deadlineMs: 3 },
  ];
  const late: Scenario = {
    options: { product: { ...product, earlyRefreshFactor: 0 } },
    async prepare(race) {
      await keepEverywhere(race);
      await passTime(race, freshMs + staleMs + 60_000);
    },
    async run({ a, b, key, random, turns, wrong }: Race) {
      let told = 0;
      const isTold = random.chance(0.7);
      const read = async (one: typeof a) => {
        await turns.take();
        const atLeast = one === a ? told : 0;
        const options = random.pick(impatient);
        const answer = await one.products.get(key, options).catch((error: unknown) => {
          if (!(error instanceof AppError) || options.deadlineMs === undefined) throw error;
        });
        const saw = versionIn(answer ?? undefined) ?? atLeast;
        if (saw < atLeast) wrong.push(`a read that began after version ${atLeast} was answered saw ${saw}`);
      };
      const write = async () => {
        if (isTold) await turns.take();
        rig.origin.versions.set(key, 2);
        if (!isTold) return;
        await a.cache.invalidate(invalidationOf(key, random));
        told = 2;
        await read(a);
      };
      await Promise.all([write(), ...Array.from({ length: 6 }, () => read(random.pick([a, b])))]);
    },
    atRest: (race) => expectNothingOlder(race, 2),
  };

  it(
    `${RACES} races with a write: its late result is kept where it is true, and nowhere else`,
    async () => {
      expect(await firstWrong(rig, 'late results', late)).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is noticed when it is kept although its key was made void',
    async () => {
      expect(
        await withoutVoidedFlights(() => firstWrong(rig, 'late results without a fence', late, 1_000)),
      ).not.toEqual([]);
    },
    LIMIT_MS,
  );
});

const invalidationOf = (key: string, random: Race['random']): Invalidation =>
  random.chance(0.5) ? { category: 'product', keys: [key] } : { tags: [`product:${key}`] };

async function withoutVoidedFlights<R>(work: () => Promise<R>): Promise<R> {
  const unfenced = Flights.prototype.void;
  Flights.prototype.void = () => {};
  try {
    return await work();
  } finally {
    Flights.prototype.void = unfenced;
  }
}
