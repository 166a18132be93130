// The auditor finds what is really wrong, and takes no write under way for it.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { CacheAuditor } from '../../../src/cache/audit/cache-auditor.js';
import { cachePolicy } from '../../../src/cache/cache-policy.js';
import { defaultControls } from '../../../src/cache/controls/category-controls.js';
import { CachedDocument } from '../../../src/cache/tiers/cached-document.js';
import { entryForm } from '../../../src/cache/tiers/entry-form.js';
import { encodeEnvelope } from '../../../src/cache/tiers/envelope.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { aKey, counted, itemCodec, type Process, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

const form = entryForm({ codec: itemCodec }, cachePolicy.product);

function auditorOf({ cache }: Process, recheckAfterMs: readonly number[] = [30, 30], atLeastApartMs = 0) {
  const logged: Record<string, unknown>[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  return { auditor: new CacheAuditor(cache, logger, { everyMs: 0, atLeastApartMs, recheckAfterMs }), logged };
}

async function startWith(count: number): Promise<{ process: Process; keys: string[] }> {
  const layers = rig.connect();
  await layers.waitUntilUp(500);
  await layers.client('application').flushall();
  await layers.close();
  const process = await rig.startProcess();
  const keys = Array.from({ length: count }, aKey);
  for (const key of keys) rig.origin.versions.set(key, 1);
  await process.products.getMany(keys);
  await process.cache.settled();
  return { process, keys };
}

const auditOf = ({ cache }: Process) => cache.stats().categories.product!.audit;

describe('the auditor', () => {
  test('finds nothing wrong where nothing is', async () => {
    const { process } = await startWith(50);
    await process.products.get(aKey()); // "there is nothing" is audited too
    const { auditor } = auditorOf(process);
    const report = await auditor.audit();
    expect(report).toMatchObject({ differences: 0, raced: 0 });
    expect(report.audited).toBeGreaterThan(3);
    expect(auditOf(process)).toMatchObject({ agreed: report.audited, consistency: 1, lastDifferenceAt: null });
    expect(await counted(process, 'cache_consistency_ratio', { category: 'product' })).toBe(1);
  });

  test('finds a wrong value that somebody put into redis, says which, and makes it void', async () => {
    const { process: a, keys } = await startWith(1);
    const key = keys[0]!;
    const entry = a.products.copies.look(key)!;
    const wrong = CachedDocument.of({ id: key, version: 99 }, entry.tags, false);
    await redisOf(a).set(
      keyspace.application.entry('product', key),
      encodeEnvelope({ ...entry, document: wrong }, form).content,
    );
    const b = await rig.startProcess(); // has nothing in memory: it draws from redis
    const { auditor, logged } = auditorOf(b);
    await eventually(async () => expect(await auditor.audit()).toMatchObject({ differences: 1 }));
    expect(logged).toEqual([expect.objectContaining({ category: 'product', key, tier: 'redis', etag: wrong.etag })]);
    expect(auditOf(b)).toMatchObject({ differed: 1, lastDifferenceAt: expect.any(String) });
    expect(auditOf(b).consistency).toBeLessThan(1);
    expect(await versionOf(b, key)).toBe(1);
  });

  test('finds a change that was never told, in memory and in redis', async () => {
    const { process, keys } = await startWith(1);
    rig.origin.versions.set(keys[0]!, 2);
    const { auditor, logged } = auditorOf(process);
    expect(await auditor.audit()).toMatchObject({ differences: 2 });
    expect(logged.map(({ tier }) => tier).toSorted()).toEqual(['memory', 'redis']);
    expect(await versionOf(process, keys[0]!)).toBe(2);
    await process.cache.settled();
    expect(await auditor.audit()).toMatchObject({ differences: 0 });
  });

  test('finds what is served only because an operator prolonged it', async () => {
    const { process, keys } = await startWith(1);
    process.cache.control('product', { ...defaultControls, serveStaleMs: 3_600_000 });
    process.clock.aheadMs = cachePolicy.product.redis.freshMs + cachePolicy.product.staleMs + 60_000;
    rig.origin.versions.set(keys[0]!, 2);
    const { auditor } = auditorOf(process);
    await eventually(() => expect(process.cache.isCurrent).toBe(true));
    expect(await auditor.audit()).toMatchObject({ differences: 2 });
  });

  test('takes a write whose invalidation is still on its way for no difference', async () => {
    const { process, keys } = await startWith(1);
    const { auditor, logged } = auditorOf(process, [2_000]);
    rig.origin.versions.set(keys[0]!, 2);
    const audit = auditor.audit();
    await eventually(() => expect(rig.origin.batches.length).toBeGreaterThan(1)); // it has seen the new value
    await sleep(20);
    await process.products.invalidate([keys[0]!]);
    expect(await audit).toMatchObject({ differences: 0, raced: 2 });
    expect(logged).toEqual([]);
    expect(auditOf(process)).toMatchObject({ raced: 2, consistency: 1 });
  });

  test('reports nothing while writers change what it looks at all the time', async () => {
    const { process: writer, keys } = await startWith(8);
    const reader = await rig.startProcess();
    // Twice: a process that stood still looks again before it has heard of what was written.
    const { auditor, logged } = auditorOf(reader, [1_200, 600]);
    let writing = true;
    const write = async () => {
      for (let version = 2; writing; version++) {
        for (const key of keys) rig.origin.versions.set(key, version);
        await sleep(30); // committed and not yet told: most of the time the copies are not what the origin has
        await writer.products.invalidate(keys);
        await sleep(5);
      }
    };
    const read = async () => {
      while (writing) {
        for (const key of keys) await reader.products.get(key);
        await sleep(1);
      }
    };
    const work = [write(), read()];
    const reports = await Promise.all([auditor.audit(), sleep(500)])
      .then(async ([first]) => [first, await auditor.audit(), await auditor.audit()])
      .finally(() => {
        writing = false;
      });
    await Promise.all(work);
    expect(reports.map(({ differences }) => differences)).toEqual([0, 0, 0]);
    expect(reports.some(({ raced }) => raced > 0)).toBe(true);
    expect(logged).toEqual([]);
  });

  test('asks the origin no more often than it may, whoever wants it to', async () => {
    const { process } = await startWith(20);
    const { auditor } = auditorOf(process, [], 60_000);
    rig.origin.batches = [];
    const [first, second] = await Promise.all([auditor.audit(), auditor.audit()]);
    expect(first).toBe(second);
    expect(await auditor.audit()).toMatchObject({ audited: 0, skipped: expect.stringContaining('Ask again') });
    expect(rig.origin.batches).toHaveLength(1);
    expect(rig.origin.batches[0]!.length).toBeLessThanOrEqual(20);
  });
});
