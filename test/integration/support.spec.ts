// The tests' own tools: a tool that quietly does nothing would make every test built on it pass.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { createRandom, runSeed } from '../support/random.js';
import { startRedis, startRedisLayers, type TestRedis } from '../support/redis-servers.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { createTestDatabase } from '../support/test-database.js';

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

function connect(url: string): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 0,
    commandTimeout: 1_000,
    disconnectTimeout: 50,
    retryStrategy: () => 20,
  });
  redis.on('error', () => undefined);
  return redis;
}

describe('a test database', () => {
  it('has the schema, and shares nothing with another', async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await query(first.url, 'CREATE TABLE only_here (id int)');
    const tables = (url: string) => query(url, `SELECT tablename FROM pg_tables WHERE tablename = 'only_here'`);
    expect(await tables(first.url)).toHaveLength(1);
    expect(await tables(second.url)).toHaveLength(0);
    expect(await query(second.url, 'SELECT name FROM schema_migrations')).not.toHaveLength(0);
    await Promise.all([first.drop(), second.drop()]);
  });

  it('is dropped although somebody is connected', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    await database.drop();
    await expect(query(database.url, 'SELECT 1')).rejects.toThrow('does not exist');
  });
});

describe('redis servers', () => {
  let server: TestRedis;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis({ policy: 'noeviction', aof: true });
    redis = connect(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.remove();
  });

  it('keep their data and port over kill -9 and a new start', async () => {
    await redis.set('kept', '1');
    // Written through every second; `WAIT` for that instead of sleeping.
    await redis.call('WAITAOF', '1', '0', '2000').catch(() => new Promise((resolve) => setTimeout(resolve, 1_200)));
    await server.kill9();
    await expect(redis.get('kept')).rejects.toThrow();
    await server.start();
    expect(await untilAnswered(() => redis.get('kept'))).toBe('1');
  });

  it('answer nothing while frozen, and go on when thawed', async () => {
    server.freeze();
    await expect(redis.ping()).rejects.toThrow('timed out');
    server.thaw();
    expect(await untilAnswered(() => redis.ping())).toBe('PONG');
  });

  it('have the policy of their layer', async () => {
    const layers = await startRedisLayers();
    const policy = async (url: string) => {
      const client = connect(url);
      const [, value] = (await client.config('GET', 'maxmemory-policy')) as string[];
      client.disconnect();
      return value;
    };
    expect(await policy(layers.urls.operational)).toBe('noeviction');
    expect(await policy(layers.urls.application)).toBe('allkeys-lfu');
    expect(await policy(layers.urls.session)).toBe('volatile-ttl');
    await layers.remove();
  });
});

describe('a TCP proxy', () => {
  it('loses replies, swallows, delays and cuts', async () => {
    const server = await startRedis();
    const proxy = await TcpProxy.start(server.url);
    const direct = connect(server.url);
    const proxied = connect(proxy.urlFor(server.url));
    expect(await untilAnswered(() => proxied.ping())).toBe('PONG');

    proxy.setMode('lose-replies');
    await expect(proxied.incr('sent')).rejects.toThrow('timed out');
    expect(await direct.get('sent')).toBe('1');

    proxy.blackhole();
    await expect(proxied.incr('sent')).rejects.toThrow();
    expect(await direct.get('sent')).toBe('1');

    proxy.restore();
    expect(await untilAnswered(() => proxied.incr('sent'))).toBe(2);
    proxy.delay(60);
    const startedAt = performance.now();
    await proxied.ping();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(115);

    proxy.cut();
    await expect(proxied.ping()).rejects.toThrow();
    direct.disconnect();
    proxied.disconnect();
    await proxy.stop();
    await server.remove();
  });
});

/** Tries until the client is connected again. */
function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  return eventually(ask);
}

it('this run has a seed that every worker knows', () => {
  expect(String(runSeed)).toBe(process.env.SEED);
  expect(createRandom('a').next()).toBe(createRandom('a').next());
  expect(createRandom('a').next()).not.toBe(createRandom('b').next());
});
