// Loads, refreshes and invalidations of one key in two processes, in every order: before each step in redis or at the
// origin, and before its result is told, a seeded choice says who goes on. CACHE_RACES says how many.
import { expect, it, jest } from '@jest/globals';
import { Flights } from '../../../src/cache/loading/flights.js';
import type { ReadOptions } from '../../../src/cache/read-options.js';
import { RedisGuard } from '../../../src/cache/tiers/redis-guard.js';
import { eventually } from '../../support/eventually.js';
import { createRandom, type Random } from '../../support/random.js';
import { aKey, type Process, useCacheRig, versionOf } from './cache-rig.js';
import { Turns } from './turns.js';

const RACES = Number(process.env.CACHE_RACES ?? 100);
const rig = useCacheRig();
const run = RedisGuard.prototype.run;

/** @returns what was wrong */
async function race([a, b]: readonly [Process, Process], random: Random): Promise<string[]> {
  const turns = new Turns(random);
  const key = aKey();
  const versions = rig.origin.versions.set(key, 1);
  const wrong: string[] = [];
  if (random.chance(0.3)) await Promise.all([a.products.get(key), b.products.get(key)]);
  await a.cache.settled();

  const read = async (one: Process, options?: ReadOptions) => {
    await turns.take();
    const atLeast = one === a ? told : 0;
    const answers = random.chance(0.3)
      ? await one.products.getMany([key], options)
      : new Map([[key, await one.products.get(key, options)]]);
    const answer = answers.get(key);
    const saw = answer?.found ? answer.document.value.version : 0;
    if (saw < atLeast) wrong.push(`a read that began after version ${atLeast} was answered saw ${saw}`);
  };
  let told = 0;
  const write = async () => {
    for (let version = 2; version <= 3; version++) {
      await turns.take();
      versions.set(key, version);
      await a.cache.invalidate(
        random.chance(0.5) ? { category: 'product', keys: [key] } : { tags: [`product:${key}`] },
      );
      told = version;
      await read(a);
    }
  };
  jest.spyOn(RedisGuard.prototype, 'run').mockImplementation(function held(this: RedisGuard, work) {
    return turns.step(() => run.call(this, work)) as ReturnType<typeof run>;
  });
  jest.spyOn(rig.origin, 'read').mockImplementation(async (ids) => {
    await turns.take();
    const found = new Map(ids.map((id) => [id, { id, version: versions.get(id) ?? 0 }]));
    await turns.take();
    return found;
  });
  const ways: ReadOptions[] = [{}, { refresh: true }, { refresh: true }, { without: ['memory'] }];
  const reads = Array.from({ length: 5 }, () => read(random.pick([a, b]), random.pick(ways)));
  const all = Promise.all([write(), ...reads]).then(() => Promise.all([a.cache.settled(), b.cache.settled()]));
  await turns.runUntil(all).finally(() => jest.restoreAllMocks());

  // At rest nobody has kept what was on its way: not in memory, not in redis.
  for (const one of [a, b]) {
    await eventually(async () => expect(await versionOf(one, key)).toBe(3), 500).catch(() =>
      wrong.push('memory is old'),
    );
    const { tier, ...answer } = await one.products.get(key, { without: ['memory'] });
    if (answer.found && answer.document.value.version < 3) wrong.push(`${tier} is old`);
  }
  return wrong;
}

async function firstWrong(name: string, count: number): Promise<string[]> {
  const processes = [await rig.startProcess(), await rig.startProcess()] as const;
  const random = createRandom(name);
  for (let i = 0; i < count; i++) {
    const wrong = await race(processes, random);
    if (wrong.length > 0) return wrong;
  }
  return [];
}

it(`${RACES} races: no read sees what was written over before it began, and nothing old is kept`, async () => {
  expect(await firstWrong('races', RACES)).toEqual([]);
}, 180_000);

it('is noticed when loads in flight are not made void', async () => {
  const unfenced = Flights.prototype.void;
  Flights.prototype.void = () => {};
  try {
    expect(await firstWrong('races without a fence', 1_000)).not.toEqual([]);
  } finally {
    Flights.prototype.void = unfenced;
  }
}, 180_000);
