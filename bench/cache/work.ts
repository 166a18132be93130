// What a side is asked to do in a round, and how it is done: in the process of the side.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from '../harness/result.ts';
import { itemCount, itemKey, mostItems } from './items.ts';
import type { Origin, Side } from './side.ts';

export type Work =
  /** Hits, with so many calls under way at any time; `peek` has none under way. */
  | { readonly kind: 'get' | 'bytes' | 'peek'; readonly seconds: number; readonly inFlight: number }
  /** Reads of many keys, of which some are nowhere yet, one read at a time. */
  | { readonly kind: 'getMany'; readonly seconds: number; readonly hits: number; readonly misses: number }
  /** So many calls at once for one key that is nowhere, from an origin that takes a while. */
  | { readonly kind: 'stampede'; readonly calls: number; readonly key: string; readonly originMs: number }
  /** Reads so many new items, and looks at what they take. */
  | { readonly kind: 'bytesPerEntry'; readonly entries: number };

/** An origin that takes as long as it is told to. */
export interface SlowOrigin extends Origin {
  delayMs: number;
}

const keys = Array.from({ length: itemCount }, (_, index) => itemKey(index));
const peekTurn = 100_000;
const manyKeys = 100;
let fresh = 0;

/** In no tier yet, whatever earlier processes have left in redis. */
const newKey = (): string => `new-${process.pid}-${fresh++}`;

/** CPU time of this process since the watch was made, so that whatever else the machine does meanwhile counts little. */
class CpuWatch {
  readonly #start = process.cpuUsage();

  get seconds(): number {
    const { user, system } = process.cpuUsage(this.#start);
    return (user + system) / 1e6;
  }
}

/** Puts all items where hits find them. */
export async function fill(side: Side): Promise<void> {
  for (let start = 0; start < keys.length; start += manyKeys) await side.getMany(keys.slice(start, start + manyKeys));
  await side.settle?.();
  await sleep(50);
}

export async function carryOut(work: Work, side: Side, origin: SlowOrigin): Promise<Sample> {
  switch (work.kind) {
    case 'get':
      return hits(work, origin, side.get);
    case 'bytes':
      return hits(work, origin, side.getBytes ?? side.get);
    case 'peek':
      return peeks(work.seconds, side);
    case 'getMany':
      return readMany(work, side);
    case 'stampede':
      return stampede(work, side, origin);
    case 'bytesPerEntry':
      return bytesPerEntry(work.entries, side);
  }
}

async function hits(
  { seconds, inFlight }: { readonly seconds: number; readonly inFlight: number },
  origin: Origin,
  get: (key: string) => Promise<unknown>,
): Promise<Sample> {
  const loadsBefore = origin.loads;
  const endsAtMs = performance.now() + seconds * 1_000;
  const cpu = new CpuWatch();
  let done = 0;
  let next = 0;
  const caller = async () => {
    while (performance.now() < endsAtMs) {
      for (let i = 0; i < 16; i++) await get(keys[next++ % itemCount] ?? '');
      done += 16;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  if (origin.loads - loadsBefore > done / 100) throw new Error('What should have been hits went to the origin.');
  return { perCpuSecond: done / cpu.seconds };
}

async function peeks(seconds: number, side: Side): Promise<Sample> {
  const { peek } = side;
  if (!peek) throw new Error('This side has no synchronous hit.');
  const cpu = new CpuWatch();
  const endsAtMs = performance.now() + seconds * 1_000;
  let done = 0;
  let missed = 0;
  while (performance.now() < endsAtMs) {
    // Others get their turn, as between requests.
    if (done % peekTurn === 0) await nextTurn();
    for (const key of keys) {
      if (peek(key) !== undefined) continue;
      // A process that stood still for longer than the stale bound cannot believe its memory until it has caught up.
      missed++;
      await side.get(key);
    }
    done += keys.length;
  }
  if (missed > done / 100) throw new Error('What should have been hits were none.');
  return { perCpuSecond: done / cpu.seconds };
}

async function readMany(
  { seconds, hits, misses }: { readonly seconds: number; readonly hits: number; readonly misses: number },
  side: Side,
): Promise<Sample> {
  const cpu = new CpuWatch();
  const endsAtMs = performance.now() + seconds * 1_000;
  let done = 0;
  while (performance.now() < endsAtMs) {
    const from = (done * hits) % itemCount;
    const some = keys.slice(from, from + hits);
    for (let i = 0; i < misses; i++) some.push(newKey());
    await side.getMany(some);
    done++;
  }
  await side.settle?.();
  return { perCpuSecond: done / cpu.seconds };
}

async function stampede(
  { calls, key, originMs }: { readonly calls: number; readonly key: string; readonly originMs: number },
  side: Side,
  origin: SlowOrigin,
): Promise<Sample> {
  const before = origin.loads;
  origin.delayMs = originMs;
  await Promise.all(Array.from({ length: calls }, () => side.get(key)));
  origin.delayMs = 0;
  return { loads: origin.loads - before };
}

async function bytesPerEntry(entries: number, side: Side): Promise<Sample> {
  if (fresh + entries + itemCount > mostItems)
    throw new Error('So many rounds do not fit: what is kept is dropped again.');
  const before = await settledBytes();
  for (let start = 0; start < entries; start += manyKeys) {
    await side.getMany(Array.from({ length: manyKeys }, newKey));
  }
  await side.settle?.();
  return { bytes: ((await settledBytes()) - before) / entries };
}

/** Bytes in use once collecting frees nothing more: one run may leave garbage that only the next one frees. */
async function settledBytes(): Promise<number> {
  for (let least = Number.POSITIVE_INFINITY; ; ) {
    await sleep(20);
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const bytes = heapUsed + external;
    if (bytes > least * 0.9995) return Math.min(bytes, least);
    least = bytes;
  }
}
