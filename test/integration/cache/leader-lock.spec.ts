// Leadership with fencing tokens: holders that die, freeze or lose the lock, and a Redis that does so.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { LeaderLock } from '../../../src/cache/locks/leader-lock.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { RedisLayers } from '../../../src/platform/redis/redis-layers.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type TestRedis } from '../../support/redis-servers.js';

const logger = pino({ level: 'silent' });
const TTL_MS = 1_000;
/** A process that stands still for a moment does not lose it. */
const LONG_TTL_MS = 4_000;

let redis: TestRedis;
const open: RedisLayers[] = [];

async function connect(): Promise<{ layers: RedisLayers; lock: LeaderLock }> {
  const urls = { operational: redis.url, application: redis.url, session: redis.url };
  const layers = new RedisLayers({ redisUrls: urls, REDIS_COMMAND_TIMEOUT_MS: 300 }, logger);
  open.push(layers);
  await layers.waitUntilUp(1_000);
  return { layers, lock: new LeaderLock(layers, logger) };
}

const never = () => new Promise<never>(() => {});
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
const fenceOf = async (lock: LeaderLock, name: string) => {
  const led = await lock.runIfLeader(name, TTL_MS, async ({ fence }) => fence);
  if (!led.ran) throw new Error(`not the leader: ${led.reason}`);
  return led.result;
};

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const layers of open.splice(0)) await layers.close();
});
afterAll(() => redis.remove());

describe('a leader', () => {
  test('is given a greater fence than every one before it, also when the last token was lost', async () => {
    const [a, b] = [await connect(), await connect()];
    const fences: number[] = [];
    for (let i = 0; i < 20; i++) fences.push(await fenceOf(i % 2 ? a.lock : b.lock, 'grows'));
    await a.layers.client('operational').del(keyspace.operational.lockFence('grows'));
    fences.push(await fenceOf(a.lock, 'grows'));
    expect(fences).toEqual([...new Set(fences)].sort((x, y) => x - y));
  });

  test('that dies is followed after its time by another one with a greater fence', async () => {
    const [a, b] = [await connect(), await connect()];
    const begun = Promise.withResolvers<number>();
    const first = a.lock.runIfLeader('dies', TTL_MS, ({ fence }) => {
      begun.resolve(fence);
      return never();
    });
    void first.catch(() => {});
    const fence = await begun.promise;
    expect(await b.lock.runIfLeader('dies', TTL_MS, async () => 1)).toEqual({ ran: false, reason: 'taken' });
    await a.layers.close();
    await eventually(async () => expect(await fenceOf(b.lock, 'dies')).toBeGreaterThan(fence));
  });

  test('of a frozen Redis is told before anybody else can lead, and its work ends with its result', async () => {
    const [a, b] = [await connect(), await connect()];
    const led = a.lock.runIfLeader('frozen', TTL_MS, async ({ signal, fence }) => {
      redis.freeze();
      await aborted(signal);
      const other = await b.lock.runIfLeader('frozen', TTL_MS, async () => 'led');
      redis.thaw();
      return { fence, other };
    });
    const result = await led;
    expect(result).toMatchObject({ ran: true, result: { other: { ran: false, reason: 'down' } } });
    await eventually(async () => {
      const fence = await fenceOf(b.lock, 'frozen');
      expect(result.ran && fence > result.result.fence).toBe(true);
    });
  });

  test('that stalled between taking the lock and asking for its fence is not one, and overtakes nobody', async () => {
    const [a, b] = [await connect(), await connect()];
    const client = a.layers.client('operational');
    const name = keyspace.operational.lock('stalls');
    const evalsha = client.evalsha.bind(client);
    let scripts = 0;
    // The first script takes the lock; before the second one runs, another process has it.
    client.evalsha = (async (...args: Parameters<typeof evalsha>) => {
      if (++scripts === 2) await b.layers.client('operational').set(name, 'another');
      return evalsha(...args);
    }) as typeof client.evalsha;
    expect(await a.lock.runIfLeader('stalls', TTL_MS, async () => 1)).toEqual({ ran: false, reason: 'taken' });
    expect(await b.layers.client('operational').exists(keyspace.operational.lockFence('stalls'))).toBe(0);
  });

  test('keeps the lock for as long as it works, and gives it back at the end', async () => {
    const [a, b] = [await connect(), await connect()];
    const led = a.lock.runIfLeader('extends', LONG_TTL_MS, async ({ signal }) => {
      for (let i = 0; i < 5; i++) {
        await sleep(LONG_TTL_MS / 4);
        expect(await b.lock.runIfLeader('extends', LONG_TTL_MS, async () => 1)).toEqual({
          ran: false,
          reason: 'taken',
        });
      }
      return signal.aborted;
    });
    expect(await led).toEqual({ ran: true, result: false });
    expect(await b.lock.runIfLeader('extends', TTL_MS, async () => 1)).toEqual({ ran: true, result: 1 });
  });

  test('a Redis that cannot be reached is not "taken"', async () => {
    const { lock } = await connect();
    redis.freeze();
    try {
      expect(await lock.runIfLeader('unreachable', TTL_MS, async () => 1)).toEqual({ ran: false, reason: 'down' });
    } finally {
      redis.thaw();
    }
  });
});
