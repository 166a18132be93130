// Writers and readers in four processes, whose connections to Redis break all the time. HAMMER_SECONDS says for how long
// (60 in a nightly run); SEED repeats the choices.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRandom, runSeed } from '../support/random.js';
import { startRedis, type TestRedis } from '../support/redis-servers.js';
import { type ProxyMode, TcpProxy } from '../support/tcp-proxy.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CacheProcess } from './cache-processes/cache-process.ts';
import type { HammerReport } from './cache-processes/hammer.ts';
import { type LateRead, lateReads } from './cache-processes/late-reads.ts';
import type { MutantName } from './cache-processes/mutants.ts';
import { CountedOrigin } from './cache-processes/origin.ts';

const SECONDS = Number(process.env.HAMMER_SECONDS ?? 5);
/** A mutant is given so many rounds to show itself; as a rule one is enough. */
const MUTANT_ROUNDS = 10;
/** Much longer than the bound: only what is read after it can be too late. */
const MUTANT_SECONDS = 3;
const BOUND_MS = 1_000;
const PROCESSES = 4;
const keys = Array.from({ length: 100 }, (_, i) => `item ${i}`);

let redis: TestRedis;
let database: TestDatabase;
let origin: CountedOrigin;
let proxies: TcpProxy[] = [];
let processes: CacheProcess[] = [];

beforeAll(async () => {
  [redis, database] = await Promise.all([startRedis(), createTestDatabase()]);
  origin = await CountedOrigin.create(database.url);
  await origin.addItems(keys, (i) => (i % 5) * 8);
  proxies = await Promise.all(Array.from({ length: PROCESSES }, () => TcpProxy.start(redis.url)));
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill()));
  await redis.flush();
});
afterAll(async () => {
  await origin.close();
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await Promise.all([redis.remove(), database.drop()]);
});

interface Hammered {
  readonly reports: readonly HammerReport[];
  readonly disturbances: number;
}

async function startProcesses(mutant?: MutantName): Promise<void> {
  for (const proxy of proxies) restore(proxy);
  processes = await CacheProcess.startAll(
    proxies.map((proxy, i) => ({
      name: `process ${i}`,
      redisUrl: proxy.urlFor(redis.url),
      databaseUrl: database.url,
      originConcurrency: 6,
      // Longer than the bound: only invalidations keep to it.
      policy: { memoryFreshMs: 3_000, redisFreshMs: 10_000, maxEntries: 1_000 },
      mutant,
    })),
  );
}

async function hammer(seconds: number): Promise<Hammered> {
  const ended = new AbortController();
  const breaking = breakConnections(ended.signal);
  const reports = await Promise.all(
    processes.map((one, i) => {
      const own = keys.filter((_, j) => j % PROCESSES === i);
      return one.ask<HammerReport>({
        kind: 'hammer',
        seed: runSeed,
        keys,
        hot: 12,
        own,
        durationMs: seconds * 1_000,
      });
    }),
  );
  ended.abort();
  return { reports, disturbances: await breaking };
}

/** Half of the processes hear of everything a little later than the others. */
function restore(proxy: TcpProxy): void {
  proxy.restore();
  proxy.delay(proxies.indexOf(proxy) % 2 === 0 ? 0 : 15);
}

/** Kills connections at the server, breaks and cuts them on the way, and swallows what they carry. */
async function breakConnections(signal: AbortSignal): Promise<number> {
  const random = createRandom('broken connections');
  const killer = new Redis(redis.url);
  const kill = async () => {
    const clients = String(await killer.client('LIST')).match(/^id=\d+(?=.*name=tiershop)/gm) ?? [];
    if (clients.length > 0) await killer.call('CLIENT', 'KILL', 'ID', random.pick(clients).slice(3));
  };
  const disturb = async (proxy: TcpProxy, mode: ProxyMode) => {
    proxy.setMode(mode);
    await sleep(random.integer(20, 300));
    restore(proxy);
  };
  let count = 0;
  for (; !signal.aborted; count++) {
    const proxy = random.pick(proxies);
    const mode = random.pick(['cut', 'blackhole', 'lose-replies'] as const);
    await random.pick([kill, () => proxy.breakConnections(), () => disturb(proxy, mode)])();
    await sleep(random.integer(100, 800));
  }
  killer.disconnect();
  return count;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

test(
  `${SECONDS} s: no read sees what was written over, at once where it was written, after ${BOUND_MS} ms elsewhere`,
  async () => {
    await startProcesses();
    const { reports, disturbances } = await hammer(SECONDS);
    const writes = sum(reports.map(({ answered }) => answered.length));
    const reads = sum(reports.map((report) => report.reads));
    const marked = sum(reports.map((report) => report.marked));
    process.stdout.write(
      `stale fill: ${writes} writes, ${reads} reads (${marked} marked as unchecked), ${disturbances} disturbances\n`,
    );
    expect(lateReads(reports, BOUND_MS)).toEqual([]);
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    // It has shown nothing where nothing was written, read from every tier, and broken.
    expect(writes).toBeGreaterThan(SECONDS * 5);
    expect(reads).toBeGreaterThan(writes);
    expect(marked).toBeLessThan(reads / 2);
    for (const { hits } of reports) expect([hits.memory > 0, hits.redis > 0]).toEqual([true, true]);
    expect(disturbances).toBeGreaterThan(SECONDS / 2);
  },
  SECONDS * 1_000 + 60_000,
);

test.each([
  'redis is filled without a fence',
  'loads in flight are not made void',
  'invalidations of other processes are not heard',
] as const)(
  'it is noticed when %s',
  async (mutant) => {
    await startProcesses(mutant);
    let late: LateRead[] = [];
    for (let round = 0; round < MUTANT_ROUNDS && late.length === 0; round++) {
      late = lateReads((await hammer(MUTANT_SECONDS)).reports, BOUND_MS);
    }
    process.stdout.write(`${mutant}: ${late.length} versions seen too late\n`);
    expect(late).not.toEqual([]);
  },
  120_000,
);
