// Each process writes some of the keys and reads all of them. Times are those of one clock for the whole machine.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadOptions } from '../../../src/cache/read-options.ts';
import { createRandom } from '../../support/random.ts';
import type { OpenCache } from './open-cache.ts';

export interface HammerOrder {
  readonly seed: number;
  readonly keys: readonly string[];
  /** So many of them, the first ones, are read and written as often as all others. */
  readonly hot: number;
  /** Which of them this process writes. */
  readonly own: readonly string[];
  readonly durationMs: number;
}

/** A write that was answered. */
export interface Answered {
  readonly key: string;
  readonly version: number;
  readonly atMs: number;
  /** Redis knew of it from here on; as a rule the same time. Undefined when it was never told. */
  readonly toldAtMs: number | undefined;
}

/** The last read that saw this version: of all that did, the one that may have been too late. */
export interface LastSeen {
  readonly key: string;
  readonly version: number;
  readonly startedAtMs: number;
}

export interface HammerReport {
  readonly answered: Answered[];
  /** Every read of own keys, and those of the others' that were not marked as "could not be checked". */
  readonly lastSeen: LastSeen[];
  readonly reads: number;
  readonly marked: number;
  readonly failures: string[];
  readonly hits: { readonly memory: number; readonly redis: number };
}

const READERS = 8;
const WRITERS = 3;
const ways: readonly (ReadOptions | undefined)[] = [
  ...[undefined, undefined, undefined, undefined],
  { without: ['memory'] },
  { refresh: true },
];
const monotonicMs = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;

export async function hammer({ cache, items, origin }: OpenCache, order: HammerOrder): Promise<HammerReport> {
  const { keys, own, durationMs } = order;
  const random = createRandom(own[0] ?? '', order.seed);
  const owns = new Set(own);
  const answered: Answered[] = [];
  const lastSeen = new Map<string, LastSeen>();
  const failures = new Set<string>();
  let [reads, marked] = [0, 0];
  const endAtMs = monotonicMs() + durationMs;

  /** Half of the time one of the first. */
  const pick = (from: readonly string[], hot: number) => random.pick(random.chance(0.5) ? from.slice(0, hot) : from);
  const told = async (): Promise<number | undefined> => {
    while (cache.stats().pendingInvalidations > 0 && monotonicMs() < endAtMs) await sleep(5);
    return cache.stats().pendingInvalidations === 0 ? monotonicMs() : undefined;
  };
  /** A key has one writer at a time, so its versions are answered in their order. */
  const write = async (some: readonly string[]) => {
    while (monotonicMs() < endAtMs) {
      const key = pick(some, 1);
      // On their way to the origin and back when it is written, and when that is made known.
      const early = [read([key], { refresh: true }), sleep(2).then(() => read([key, pick(keys, order.hot)]))];
      const version = await origin.write(key);
      const { published } = await cache.invalidate(
        random.chance(0.5) ? { category: 'product', keys: [key] } : { tags: [`product:${key}`] },
      );
      const atMs = monotonicMs();
      await read([key]);
      answered.push({ key, version, atMs, toldAtMs: published ? atMs : await told() });
      await Promise.all(early);
      // What has come late must not have been kept: in memory, in redis.
      await read([key]);
      await read([key], { without: ['memory'] });
      await sleep(random.integer(0, 60));
    }
  };
  const note = (key: string, version: number, startedAtMs: number) => {
    const name = `${key} ${version}`;
    if ((lastSeen.get(name)?.startedAtMs ?? 0) < startedAtMs) lastSeen.set(name, { key, version, startedAtMs });
  };
  const readOnce = async (some: readonly string[], options?: ReadOptions) => {
    const [only] = some.length === 1 ? some : [];
    const wasCurrent = cache.isCurrent;
    const startedAtMs = monotonicMs();
    const answers = only
      ? [(!options && items.peek(only)) || (await items.get(only, options))]
      : await items.getMany(some, options);
    const isCurrent = wasCurrent && cache.isCurrent;
    for (const [i, answer] of answers.entries()) {
      const key = some[i]!;
      reads++;
      const isMarked = answer.stale && !isCurrent;
      if (isMarked) marked++;
      if (owns.has(key) || !isMarked) note(key, answer.found ? answer.document.value.version : -1, startedAtMs);
    }
  };
  const read = (some: readonly string[], options?: ReadOptions) =>
    readOnce(some, options).catch((error) => void failures.add(String(error)));
  const readOn = async () => {
    while (monotonicMs() < endAtMs) {
      const some = random.chance(0.2) ? random.shuffle(keys).slice(0, 5) : [pick(keys, order.hot)];
      await read(some, random.pick(ways));
      await sleep(random.integer(0, 5));
    }
  };
  const shares = Array.from({ length: WRITERS }, (_, i) => own.filter((_key, j) => j % WRITERS === i));
  await Promise.all([...shares.map(write), ...Array.from({ length: READERS }, readOn)]);
  const { memory, redis } = cache.stats().categories.product!;
  return {
    answered,
    lastSeen: [...lastSeen.values()],
    reads,
    marked,
    failures: [...failures],
    hits: { memory: memory.hit, redis: redis.hit },
  };
}
