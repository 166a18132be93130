// How many queries of the cache PostgreSQL sees at once, also those that nobody waits for any more.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { CountedOrigin, OriginOfProcess } from '../../faults/cache-processes/origin.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { aKey, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();
const PLACES = 2;
const slow = Array.from({ length: 12 }, aKey);
const quick = aKey();

let database: TestDatabase;
let server: CountedOrigin;
let origin: OriginOfProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await CountedOrigin.create(database.url);
  await server.addItems(slow, () => 400);
  await server.addItems([quick], () => 0);
  origin = new OriginOfProcess(database.url, 'places', 5 * PLACES);
});
afterAll(async () => {
  await origin.close();
  await server.close();
  await database.drop();
});

it('a load past its deadline keeps its place until its query has ended', async () => {
  const a = await rig.startProcess({ originConcurrency: PLACES, product: { loadDeadlineMs: 50 } });
  jest.spyOn(rig.origin, 'read').mockImplementation((keys) => origin.read(keys));
  for (const key of slow) {
    await expect(a.products.get(key)).rejects.toMatchObject({ code: 'unavailable' });
  }
  // The places are free again when PostgreSQL is.
  await eventually(async () => {
    a.clock.aheadMs += 1_000;
    expect(await versionOf(a, quick)).toBe(0);
  });
  while ((await server.loading()).length > 0) await sleep(20);
  expect(await server.loads()).toBeGreaterThan(PLACES);
  expect(origin.mostAtOnce).toBe(PLACES);
});

it('a load that never ends keeps its place for as long as a query may run', async () => {
  const lifeMs = 300;
  const a = await rig.startProcess({ originConcurrency: 1, loadLifeMs: lifeMs, product: { loadDeadlineMs: 50 } });
  const [hanging, key] = [aKey(), aKey()];
  rig.origin.versions.set(key, 1);
  rig.origin.hanging = true;
  const begunAtMs = performance.now();
  await expect(a.products.get(hanging)).rejects.toMatchObject({ code: 'unavailable' });
  rig.origin.hanging = false;
  await expect(a.products.get(key)).rejects.toMatchObject({ code: 'unavailable' });
  await eventually(async () => {
    a.clock.aheadMs += 1_000;
    expect(await versionOf(a, key)).toBe(1);
  });
  expect(performance.now() - begunAtMs).toBeGreaterThanOrEqual(lifeMs);
});
