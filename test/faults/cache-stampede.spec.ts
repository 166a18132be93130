// Everybody misses the same key at the same moment, in four processes. STAMPEDE_READERS, STAMPEDE_ROUNDS: how many in
// each process, how often.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import type { MissReport } from './cache-processes/cache.process.ts';
import { CacheProcess } from './cache-processes/cache-process.ts';
import { CountedOrigin } from './cache-processes/origin.ts';

const READERS = Number(process.env.STAMPEDE_READERS ?? 10_000);
const ROUNDS = Number(process.env.STAMPEDE_ROUNDS ?? 1);
const PROCESSES = 4;
const HOLD_MS = 600;

let redis: TestRedis;
let database: TestDatabase;
let origin: CountedOrigin;
const running = new Set<CacheProcess>();

beforeAll(async () => {
  [redis, database] = await Promise.all([startRedis(), createTestDatabase()]);
  origin = await CountedOrigin.create(database.url);
  await startMissing();
});
afterAll(async () => {
  await Promise.all([...running].map((one) => one.kill()));
  await origin.close();
  await Promise.all([redis.remove(), database.drop()]);
});

let names = 0;

async function startMissing(): Promise<void> {
  const setups = Array.from({ length: PROCESSES - running.size }, () => ({
    name: `process ${++names}`,
    redisUrl: redis.url,
    databaseUrl: database.url,
    originConcurrency: 8,
  }));
  for (const one of await CacheProcess.startAll(setups)) running.add(one);
}

const miss = (one: CacheProcess, key: string) => one.ask<MissReport>({ kind: 'miss', key, readers: READERS });

test(
  `${READERS} misses in each of ${PROCESSES} processes: one load in all`,
  async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      const key = `calm ${round}`;
      await origin.addItems([key], () => HOLD_MS);
      const before = await origin.loads();
      const reports = await Promise.all([...running].map((one) => miss(one, key)));
      expect(reports).toEqual(reports.map(() => ({ versions: [0], failures: [] })));
      expect((await origin.loads()) - before).toBe(1);
    }
  },
  ROUNDS * 10_000 + 60_000,
);

test(
  'the leader killed in the middle of its load: at most one load more for each process, and no read fails',
  async () => {
    const loads: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const key = `killed ${round}`;
      await origin.addItems([key], () => HOLD_MS);
      await startMissing();
      const before = await origin.loads();
      const asked = [...running].map((one) => ({ one, report: miss(one, key).catch(() => undefined) }));
      const leader = await eventually(async () => {
        const [name] = await origin.loading();
        const found = asked.find(({ one }) => one.name === name);
        if (!found) throw new Error('nobody loads yet');
        return found.one;
      });
      await leader.kill();
      running.delete(leader);
      const reports = await Promise.all(asked.filter(({ one }) => one !== leader).map(({ report }) => report));
      expect(reports).toEqual(reports.map(() => ({ versions: [0], failures: [] })));
      expect(reports).toHaveLength(PROCESSES - 1);
      loads.push((await origin.loads()) - before);
    }
    process.stdout.write(`stampede, leader killed: loads of each round ${loads.join(', ')}\n`);
    expect(Math.min(...loads)).toBeGreaterThan(1); // the killed one has loaded as well, or nothing was shown
    expect(Math.max(...loads)).toBeLessThanOrEqual(PROCESSES);
  },
  ROUNDS * 15_000 + 60_000,
);
