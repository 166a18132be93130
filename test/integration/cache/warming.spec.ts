// What is wanted is remembered over processes and restarts, and loaded before it is asked for.
import { describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { lateMs } from '../../../src/cache/cache-policy.js';
import { LeaderLock } from '../../../src/cache/locks/leader-lock.js';
import { HotKeyKeeper } from '../../../src/cache/warming/hot-key-keeper.js';
import { HotKeysRepository } from '../../../src/cache/warming/hot-keys.repository.js';
import { Popularity } from '../../../src/cache/warming/popularity.js';
import { addAccesses, mostWanted } from '../../../src/cache/warming/popularity.scripts.js';
import { WarmPlanner } from '../../../src/cache/warming/warm-planner.js';
import { WarmRunner } from '../../../src/cache/warming/warm-runner.js';
import { WarmUps } from '../../../src/cache/warming/warm-ups.js';
import { WarmUpsRepository } from '../../../src/cache/warming/warm-ups.repository.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { aKey, logger, redisOf, useCacheRig } from './cache-rig.js';
import { type OperatedProcess, OperationsRig } from './operations-rig.js';

const rig = useCacheRig();
const operations = new OperationsRig(rig);

interface Warming extends OperatedProcess {
  readonly popularity: Popularity;
  readonly history: HotKeysRepository;
  readonly repository: WarmUpsRepository;
  readonly warmUps: WarmUps;
}

/** Such a read is counted. */
const readFromMemory = ({ products }: Warming, key: string) =>
  eventually(async () => {
    await products.get(key);
    expect(products.peek(key)).toBeDefined();
  });

async function start(keysPerS = 100_000): Promise<Warming> {
  const process = await operations.startProcess();
  const { layers, cache, database } = process;
  const history = new HotKeysRepository(database);
  const popularity = new Popularity(layers, cache, history, logger);
  const repository = new WarmUpsRepository(database);
  const planner = new WarmPlanner(cache, popularity);
  const runner = new WarmRunner(cache, repository, new LeaderLock(layers, logger), { keysPerS, batch: 10 });
  const warmUps = new WarmUps(repository, planner, runner, logger, { resumes: false, leaseMs: 1_000 });
  return { ...process, popularity, history, repository, warmUps };
}

function newKeys(count: number): string[] {
  const keys = Array.from({ length: count }, aKey);
  for (const key of keys) rig.origin.versions.set(key, 1);
  return keys;
}

const isWarm = ({ products }: Warming, key: string) => products.copies.look(key) !== undefined;

describe('popularity', () => {
  test('is what all processes have read, the most wanted first', async () => {
    const [a, b] = [await start(), await start()];
    const [first, second, third] = newKeys(3) as [string, string, string];
    await redisOf(a).flushall();
    // Alone, neither process sees this order.
    const read = ({ products }: Warming, key: string, times: number) => products.insight.hotKeys.count(key, times, 0);
    read(a, first, 40);
    read(a, second, 30);
    read(a, third, 20);
    read(b, second, 35);
    read(b, first, 30);
    await a.popularity.publish();
    await b.popularity.publish();
    expect(await a.popularity.top('product', 2)).toEqual([first, second]);
    await a.popularity.publish(); // nothing new: nothing changes
    expect(await b.popularity.top('product', 10)).toEqual([first, second, third]);
  });

  test('fades, is bounded, and goes on when its weights are scaled back', async () => {
    const a = await start();
    const client = redisOf(a);
    const add = (accesses: Record<string, number>, halfLifeMs: number) =>
      addAccesses(
        client,
        'test',
        Object.entries(accesses).map(([key, count]) => ({ key, count })),
        { halfLifeMs, maxKeys: 3, lifeMs: 60_000 },
      );
    const listed = async () => (await mostWanted(client, 'test', 10)).map(({ key }) => key);
    expect(await add({ a: 5, b: 4, c: 3, d: 2, e: 6 }, 3_600_000)).toBe(3);
    expect(await listed()).toEqual(['e', 'a', 'b']);
    await client.del(keyspace.application.popularity('test'));
    await add({ old: 1_000 }, 1);
    // The landmark moves into the past: a hundred half-lives, then more than doubles can bear.
    for (const halfLives of [100, 600]) {
      await client.zincrby(keyspace.application.popularity('test'), halfLives, '#landmark');
      await add({ [`new-${halfLives}`]: 1 }, 1);
    }
    expect(await listed()).toEqual(['new-600', 'new-100', 'old']);
    expect((await mostWanted(client, 'test', 1))[0]?.weight).toBeCloseTo(1);
  });

  test('by hour: what was wanted at this hour on earlier days, the later days counting more', async () => {
    const a = await start();
    const at = new Date('2026-11-21T18:30:00Z');
    const record = (hour: string, keys: string[], weights: number[]) =>
      a.database.pool.query('INSERT INTO cache_hot_keys (category, hour, keys, weights) VALUES ($1, $2, $3, $4)', [
        'product',
        hour,
        keys,
        weights,
      ]);
    await record('2026-11-20T18:00:00Z', ['evening', 'both'], [0.6, 0.4]);
    await record('2026-11-19T18:00:00Z', ['both', 'older'], [0.7, 0.3]);
    await record('2026-11-20T17:00:00Z', ['afternoon'], [1]);
    await record('2026-11-21T18:00:00Z', ['now'], [1]);
    await record('2026-11-01T18:00:00Z', ['long ago'], [1]);
    expect(await a.popularity.predicted('product', at, 10)).toEqual(['both', 'evening', 'older']);
    expect(await a.popularity.predicted('product', at, 1)).toEqual(['both']);
  });
});

describe('a restart', () => {
  test('begins warm, also when redis has lost everything meanwhile', async () => {
    const before = await start();
    const [hot, cold] = newKeys(2) as [string, string];
    await redisOf(before).flushall();
    for (let i = 0; i < 20; i++) await before.products.get(hot);
    await new HotKeyKeeper(before.cache, before.popularity, logger, { startMs: 0 }).beforeApplicationShutdown();
    await redisOf(before).flushall();
    const after = await start();
    const keeper = new HotKeyKeeper(after.cache, after.popularity, logger, { startMs: 5_000 });
    await keeper.onApplicationBootstrap();
    expect([isWarm(after, hot), isWarm(after, cold)]).toEqual([true, false]);
    await keeper.beforeApplicationShutdown();
  });

  test('does not wait for an origin that hangs, nor fail for one that is out', async () => {
    const a = await start();
    const [key] = newKeys(1) as [string];
    await a.history.record('product', [{ key, weight: 1 }]);
    await redisOf(a).flushall();
    rig.origin.hanging = true;
    const keeper = new HotKeyKeeper(a.cache, a.popularity, logger, { startMs: 50 });
    await keeper.onApplicationBootstrap();
    rig.origin.hanging = false;
    rig.origin.failing = true;
    await new HotKeyKeeper(a.cache, a.popularity, logger, { startMs: 5_000 }).onApplicationBootstrap();
    expect(isWarm(a, key)).toBe(false);
    await keeper.beforeApplicationShutdown();
  });
});

describe('a warm-up', () => {
  test('tells how far it is, from any process, and counts what failed', async () => {
    const [a, b] = [await start(), await start()];
    const keys = newKeys(35);
    const job = await a.warmUps.begin('product', { keys });
    expect(job).toMatchObject({ state: 'running', source: 'list', total: 35, finishedAt: null });
    await eventually(async () =>
      expect(await b.warmUps.job(job!.id)).toMatchObject({ state: 'done', done: 35, failed: 0 }),
    );
    expect(keys.every((key) => isWarm(a, key))).toBe(true);
    rig.origin.failing = true;
    expect(await a.warmUps.run('product', { keys: newKeys(5) })).toMatchObject({ state: 'failed', done: 5, failed: 5 });
    expect((await b.warmUps.history()).map(({ state }) => state)).toEqual(['failed', 'done']);
    expect(await a.warmUps.begin('collection')).toBeUndefined();
  });

  test('that several processes begin at once is one, and is loaded once', async () => {
    const all = [await start(200), await start(200), await start(200)];
    const keys = newKeys(60);
    const jobs = await Promise.all(all.map(({ warmUps }) => warmUps.begin('product', { keys })));
    expect(new Set(jobs.map((job) => job?.id)).size).toBe(1);
    await eventually(async () => expect(await all[0]!.warmUps.job(jobs[0]!.id)).toMatchObject({ state: 'done' }));
    expect(rig.origin.batches.flat().toSorted()).toEqual(keys.toSorted());
  });

  test('whose process died is gone on with by another one, from where it stood', async () => {
    const [a, b] = [await start(20), await start()];
    const keys = newKeys(100);
    const job = await a.warmUps.begin('product', { keys });
    await eventually(async () => expect((await b.warmUps.job(job!.id))?.done).toBeGreaterThanOrEqual(30));
    await a.layers.close();
    await a.database.close();
    const loadedByDead = rig.origin.batches.flat().length;
    await eventually(async () => {
      await b.warmUps.resume();
      expect(await b.warmUps.job(job!.id)).toMatchObject({ state: 'done', done: 100 });
    }, 10_000);
    expect(isWarm(b, keys[99]!)).toBe(true);
    expect(isWarm(b, keys[0]!)).toBe(false); // it did not begin anew
    expect(loadedByDead).toBeGreaterThanOrEqual(30);
  });

  test('that cannot be taken up because PostgreSQL is out is told of once', async () => {
    const { repository, database, cache, popularity, layers } = await start();
    const told: string[] = [];
    const log = pino({}, { write: (line: string) => void told.push(JSON.parse(line).msg) });
    const runner = new WarmRunner(cache, repository, new LeaderLock(layers, log), { keysPerS: 1, batch: 1 });
    const planner = new WarmPlanner(cache, popularity);
    const warmUps = new WarmUps(repository, planner, runner, log, { resumes: true, leaseMs: 1 });
    const asked = jest.spyOn(repository, 'abandoned');
    await database.close();
    warmUps.onApplicationBootstrap();
    await eventually(() => expect(asked.mock.calls.length).toBeGreaterThan(3));
    await warmUps.beforeApplicationShutdown();
    expect(told).toEqual(['warm-ups without news cannot be taken up']);
  });

  test('is written by its leader only: an earlier one that wakes up moves and ends nothing', async () => {
    const a = await start();
    const { id } = await a.repository.begin('product', 'popular', [{ category: 'product', keys: newKeys(5) }]);
    expect(await a.repository.take(id, 7)).toBeDefined();
    expect(await a.repository.take(id, 9)).toBeDefined();
    expect(await a.repository.take(id, 8)).toBeUndefined();
    expect(await a.repository.advance(id, { done: 5, failed: 0, fence: 7 })).toBe(false);
    await a.repository.end(id, 7, 'failed', 'too late');
    expect(await a.warmUps.job(id)).toMatchObject({ state: 'running', done: 0 });
    await a.repository.end(id, 9, 'done', null);
    expect(await a.warmUps.job(id)).toMatchObject({ state: 'done' });
  });

  test('of what is expiring loads anew just what will soon be past its time', async () => {
    const a = await start();
    await redisOf(a).del(keyspace.application.popularity('product'));
    const [soon, later, unread] = newKeys(3) as [string, string, string];
    for (const key of [soon, later, unread]) await a.products.get(key);
    await a.cache.settled();
    for (const key of [soon, later]) await readFromMemory(a, key);
    await a.popularity.publish();
    for (const key of [soon, unread]) {
      await redisOf(a).pexpire(keyspace.application.entry('product', key), lateMs(a.products.policy) + 60_000);
    }
    rig.origin.batches = [];
    await a.warmUps.run('product', { source: 'expiring' });
    expect(rig.origin.batches).toEqual([[soon]]);
  });

  test('of what is popular and what is predicted loads those keys', async () => {
    const [a, b] = [await start(), await start()];
    await redisOf(a).del(keyspace.application.popularity('product'));
    const [popular, predicted] = newKeys(2) as [string, string];
    await readFromMemory(a, popular);
    await a.popularity.publish();
    await b.database.pool.query(
      `INSERT INTO cache_hot_keys (category, hour, keys, weights)
       VALUES ('product', date_trunc('hour', now()) - interval '23 hours', $1, '{1}')`,
      [[predicted]],
    );
    await b.warmUps.run('product', { source: 'popular' });
    expect([isWarm(b, popular), isWarm(b, predicted)]).toEqual([true, false]);
    await b.warmUps.run('product', { source: 'predicted' });
    expect(isWarm(b, predicted)).toBe(true);
  });
});
