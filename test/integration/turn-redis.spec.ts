// Commands of one turn of the event loop leave together, but not all of many at its end.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TurnRedis } from '../../src/platform/redis/turn-redis.js';
import { startRedis, type TestRedis } from '../support/redis-servers.js';

const value = 'x'.repeat(100);
let server: TestRedis;
let redis: TurnRedis;

beforeAll(async () => {
  server = await startRedis();
  redis = new TurnRedis(server.url);
  await redis.ping();
});

afterAll(async () => {
  redis.disconnect();
  await server.remove();
});

test('few commands wait for the end of the turn', async () => {
  const sent = [redis.set('a', value), redis.get('a')];
  expect(redis.stream.writableLength).toBeGreaterThan(value.length);
  expect(await Promise.all(sent)).toEqual(['OK', value]);
});

test('of many the first are on their way within the turn, and each has its own reply', async () => {
  const sent = Array.from({ length: 200 }, (_, i) => redis.echo(`${i}:${value}`));
  expect(redis.stream.writableLength).toBeLessThan(5_000);
  expect(await Promise.all(sent)).toEqual(sent.map((_, i) => `${i}:${value}`));
});
