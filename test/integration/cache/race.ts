// Races of one key in two processes: every step in redis or at the origin, and the telling of its result, waits for a turn
// that a seeded choice gives. CACHE_RACES says how many are run; a key of its own makes each one fresh.
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { CacheAnswer } from '../../../src/cache/cache-answer.js';
import { RedisGuard } from '../../../src/cache/tiers/redis-guard.js';
import { createRandom, type Random } from '../../support/random.js';
import { aKey, type CacheRig, type Item, type Process, type ProcessOptions } from './cache-rig.js';
import { Turns } from './turns.js';

export const RACES = Number(process.env.CACHE_RACES ?? 1_000);

/** How long another process may take to hear of an invalidation (ms): more than the bound would be a fault. */
export const HEARD_MS = 1_000;

/** In a race a load waits for its turns: how long that takes says only how busy the machine is. */
export const UNHURRIED = { loadDeadlineMs: 60_000 };

export interface Race {
  readonly a: Process;
  readonly b: Process;
  readonly key: string;
  readonly random: Random;
  readonly turns: Turns;
  /** What must not have happened. */
  readonly wrong: string[];
}

export interface Scenario {
  readonly options?: ProcessOptions;
  /** Before the race, without turns. */
  prepare?(race: Race): Promise<void>;
  /** What races. */
  run(race: Race): Promise<unknown>;
  /** When all has come to rest, without turns. */
  atRest?(race: Race): Promise<void>;
}

export const versionIn = (answer: CacheAnswer<Item> | undefined): number | undefined =>
  answer?.found ? answer.document.value.version : undefined;

/** @returns what was wrong in the first race in which something was */
export async function firstWrong(rig: CacheRig, name: string, scenario: Scenario, count = RACES): Promise<string[]> {
  const options = { ...scenario.options, product: { ...UNHURRIED, ...scenario.options?.product } };
  const [a, b] = [await rig.startProcess(options), await rig.startProcess(options)];
  const steps = holdSteps(rig);
  const random = createRandom(name);
  for (let i = 0; i < count; i++) {
    const race: Race = { a, b, key: aKey(), random, turns: new Turns(random), wrong: [] };
    rig.origin.versions.set(race.key, 1);
    await scenario.prepare?.(race);
    steps.turns = race.turns;
    const settled = () => Promise.all([a.cache.settled(), b.cache.settled()]);
    await race.turns.runUntil(scenario.run(race).then(settled)).finally(() => {
      steps.turns = undefined;
    });
    await scenario.atRest?.(race);
    rig.origin.versions.delete(race.key);
    if (race.wrong.length > 0) return [`race ${i} of ${name}`, ...race.wrong];
  }
  return [];
}

/** Lets every step in redis and at the origin wait for a turn while there is a race. */
function holdSteps({ origin }: CacheRig): { turns: Turns | undefined } {
  const steps: { turns: Turns | undefined } = { turns: undefined };
  const run = RedisGuard.prototype.run;
  jest.spyOn(RedisGuard.prototype, 'run').mockImplementation(function held(this: RedisGuard, work) {
    const carryOut = () => run.call(this, work);
    return (steps.turns ? steps.turns.step(carryOut) : carryOut()) as ReturnType<typeof run>;
  });
  const read = origin.read.bind(origin);
  jest.spyOn(origin, 'read').mockImplementation(async (ids) => {
    const { turns } = steps;
    if (!turns) return read(ids);
    origin.loads++;
    await turns.take();
    const found = new Map<string, Item>();
    for (const id of ids) {
      const version = origin.versions.get(id);
      if (version !== undefined) found.set(id, { id, version });
    }
    await turns.take();
    return found;
  });
  return steps;
}

/** Version 1 in every tier of both processes. */
export async function keepEverywhere({ a, b, key }: Race): Promise<void> {
  for (const one of [a, b]) {
    await one.products.get(key);
    await one.cache.settled();
  }
}

/** @returns how long that was, without the time in which this process, and all caches in it, stood still (ms) */
export async function pause(): Promise<number> {
  const beganAtMs = performance.now();
  await sleep(1);
  return Math.min(20, performance.now() - beganAtMs);
}

/** Time goes by in both processes, and they make sure that they have missed nothing. */
export async function passTime({ a, b }: Race, ms: number): Promise<void> {
  for (const one of [a, b]) one.clock.aheadMs += ms;
  for (const one of [a, b]) await one.products.getMany([]);
}

/** Neither process has kept what is older, in memory or in redis. */
export async function expectNothingOlder({ a, b, key, wrong }: Race, version: number | undefined): Promise<void> {
  for (const [name, one] of Object.entries({ 'the writer': a, 'the other process': b })) {
    let seen = versionIn(await one.products.get(key));
    for (let waitedMs = 0; seen !== version && waitedMs < HEARD_MS; waitedMs += await pause()) {
      seen = versionIn(await one.products.get(key));
    }
    if (seen !== version) wrong.push(`${name} has kept ${seen} instead of ${version}`);
    const far = await one.products.get(key, { without: ['memory'] });
    if (versionIn(far) !== version) wrong.push(`${far.tier} has kept ${versionIn(far)} instead of ${version}`);
  }
}
