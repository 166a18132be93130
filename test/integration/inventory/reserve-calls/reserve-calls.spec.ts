// Holds that are asked for together are answered, and leave the stores, as if each had come alone.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type InventoryScripts, inventoryScripts } from '../../../../src/inventory/holds/inventory.scripts.js';
import { HOLDS_OF_A_CALL } from '../../../../src/inventory/holds/reserve-calls.js';
import { TurnRedis } from '../../../../src/platform/redis/turn-redis.js';
import { runSeed } from '../../../support/random.js';
import { startRedis, type TestRedis } from '../../../support/redis-servers.js';
import { withFault } from '../model/broken-scripts.js';
import { callFaults } from './broken-calls.js';
import { CallRig, EPOCH, type Hold, holdIdOf, type Level, locationIds, type Story, variantIdOf } from './call-rig.js';

const VARIANTS = 4;
const STORIES = 500;

let server: TestRedis;
let redis: TurnRedis;
const connection = () => new TurnRedis(server.url, { enableOfflineQueue: false, lazyConnect: true });
beforeAll(async () => {
  server = await startRedis();
  redis = connection();
  await redis.connect();
});
afterAll(async () => {
  redis.disconnect();
  await server.remove();
});
beforeEach(() => redis.flushall());

const often = { weight: 12 };
const level: fc.Arbitrary<Level> = fc.record({
  epoch: fc.oneof({ ...often, arbitrary: fc.constant(EPOCH) }, fc.constantFrom(0, EPOCH - 1, EPOCH + 1)),
  limit: fc.oneof({ ...often, arbitrary: fc.nat({ max: 6 }).map(String) }, fc.constantFrom('b', 'u')),
});
const hold: fc.Arbitrary<Hold> = fc.record({
  hold: fc.nat({ max: 9 }),
  lines: fc.uniqueArray(
    fc.record({ variant: fc.nat({ max: VARIANTS - 1 }), quantity: fc.integer({ min: 1, max: 3 }) }),
    { selector: ({ variant }) => variant, minLength: 1, maxLength: 3 },
  ),
  ttlMs: fc.oneof({ ...often, arbitrary: fc.constant(50) }, fc.constant(20)),
});
/** Often some of those that were there before, with their lines. */
const story: fc.Arbitrary<Story> = fc
  .record({
    levels: fc.array(fc.tuple(level, level), { minLength: VARIANTS, maxLength: VARIANTS }),
    before: fc.array(hold, { maxLength: 6 }),
    released: fc.array(fc.nat({ max: 9 }), { maxLength: 2 }),
    waitMs: fc.constantFrom(0, 20, 30, 60),
    asked: fc.array(hold, { minLength: 2, maxLength: 2 * HOLDS_OF_A_CALL }),
    again: fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
  })
  .map(({ again, ...told }) => ({
    ...told,
    asked: [...told.asked, ...again.flatMap((i) => told.before[i] ?? told.asked[i] ?? [])],
  }));

function tellStories(scripts: InventoryScripts, numRuns: number) {
  return fc.check(
    fc.asyncProperty(story, async (told) => {
      await redis.flushall();
      const together = new CallRig('together', redis, scripts);
      const alone = new CallRig('alone', redis, inventoryScripts);
      await Promise.all([together.prepare(told), alone.prepare(told)]);
      const answers = await Promise.all(told.asked.map((asked) => together.reserve(asked)));
      const expected: unknown[] = [];
      for (const asked of told.asked) expected.push(await alone.reserve(asked));
      expect(answers).toEqual(expected);
      expect(await together.state()).toEqual(await alone.state());
    }),
    { seed: runSeed, numRuns, endOnFailure: true },
  );
}

describe('holds of one call and the same holds one after another', () => {
  test(`agree in ${STORIES} random stories`, async () => {
    const details = await tellStories(inventoryScripts, STORIES);
    if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
  }, 60_000);

  test.each(callFaults)('disagree when $name', async (fault) => {
    expect((await tellStories(withFault(fault), STORIES)).failed).toBe(true);
  });
});

describe('calls', () => {
  const one = (number: number, variant = 0): Hold => ({
    hold: number,
    lines: [{ variant, quantity: 1 }],
    ttlMs: 60_000,
  });
  const plenty = { epoch: EPOCH, limit: 'b' };
  const stocked = async () => {
    const rig = new CallRig('0', redis, inventoryScripts);
    await rig.prepare({
      levels: [
        [plenty, plenty],
        [plenty, plenty],
      ],
      before: [],
      released: [],
      waitMs: 0,
      asked: [],
    });
    await rig.reserve(one(9_999));
    await redis.config('RESETSTAT');
    return rig;
  };
  const callCount = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  const many = (rig: CallRig, count: number) => Array.from({ length: count }, (_, i) => rig.reserve(one(i)));

  test('take what one turn asks for, so many at a time', async () => {
    const rig = await stocked();
    const replies = await Promise.all(many(rig, 2 * HOLDS_OF_A_CALL + 1));
    expect(new Set(replies.map(({ kind }) => kind))).toEqual(new Set(['reserved']));
    expect(await callCount()).toBe(3);
    expect(await redis.hget(rig.levelKey(0, 0), 'h')).toBe(String(2 * HOLDS_OF_A_CALL + 2));
  });

  test('fail for whom they fail: a hold that cannot be sent, or a level that is broken, is nobody else’s', async () => {
    const rig = await stocked();
    await redis.set(rig.levelKey(1, 0), 'no hash');
    const broken = rig.reserve(one(1, 1));
    const part = { lines: [{ variantId: variantIdOf(0), quantity: 1 }], fingerprint: '', locationIds };
    const noUuid = rig.partition.reserve({ ...part, holdId: 'x' }, 60_000, EPOCH);
    const noTime = rig.partition.reserve({ ...part, holdId: holdIdOf(2) }, 0, EPOCH);
    const settled = await Promise.allSettled([broken, noUuid, noTime, ...many(rig, 1), rig.reserve(one(3))]);
    expect(settled.map(({ status }) => status)).toEqual([...Array(3).fill('rejected'), 'fulfilled', 'fulfilled']);
    expect(await redis.hget(rig.levelKey(0, 0), 'h')).toBe('3');
  });

  test('a server that refuses writes for want of memory has taken nothing of any hold', async () => {
    const rig = await stocked();
    const before = await rig.state();
    await redis.config('SET', 'maxmemory', '1');
    const settled = await Promise.allSettled(many(rig, 5));
    await redis.config('SET', 'maxmemory', '0');
    for (const outcome of settled) expect(outcome).toMatchObject({ reason: { code: 'unavailable' } });
    expect(await rig.state()).toEqual(before);
  });

  test('each of many holds is told when Redis is down, and when too many wait', async () => {
    const rig = await stocked();
    const waiting = await Promise.allSettled(many(rig, 4_100));
    expect(waiting.filter(({ status }) => status === 'rejected')).toHaveLength(4);
    expect(waiting.at(-1)).toMatchObject({ reason: { code: 'unavailable' } });
    const gone = connection();
    gone.on('error', () => undefined);
    const down = await Promise.allSettled(many(new CallRig('0', gone, inventoryScripts), HOLDS_OF_A_CALL + 1));
    for (const outcome of down) expect(outcome).toMatchObject({ reason: { code: 'unavailable' } });
    gone.disconnect();
  });
});
