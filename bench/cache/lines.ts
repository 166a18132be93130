// What is compared with what. A line leaves out libraries that lack its kind of call.
import type { Measure } from '../harness/result.ts';
import type { SideOptions } from './side.ts';
import type { SideName } from './side-names.ts';
import type { Work } from './work.ts';

/** One kind of work, and the caches that do it. */
export interface Line {
  readonly name: string;
  readonly options: Omit<SideOptions, 'redisUrl'>;
  readonly work: Work;
  readonly measure: Measure;
  readonly references: readonly { readonly side: SideName; readonly shown?: string }[];
}

const libraries = [
  { side: 'layered-loader' },
  { side: 'bentocache' },
  { side: 'cacheable' },
  { side: 'cache-manager' },
] as const;
const reads: Measure = { key: 'perCpuSecond', label: 'throughput', unit: 'calls per CPU second', better: 'more' };
const bytes: Measure = { key: 'bytes', label: 'memory', unit: 'bytes per entry of 1 KB', better: 'less' };
const entries = 2_000;
const keepings = ['by reference', 'serialized'] as const;
type Keeping = (typeof keepings)[number];

/** The libraries that can keep values so: layered-loader always keeps the objects themselves in memory. */
const keepersOf = (keeping: Keeping) =>
  keeping === 'serialized' ? libraries.filter(({ side }) => side !== 'layered-loader') : libraries;

export function linesFor(seconds: number, inFlight: number): Line[] {
  return [
    ...[0, 3].flatMap((tags) => keepings.flatMap((keeping) => singleReads(keeping, tags, { seconds, inFlight }))),
    {
      name: 'redis hit, ready to send',
      options: { keeping: 'serialized', tags: 3, memory: false },
      work: { kind: 'bytes', seconds, inFlight },
      measure: reads,
      references: [{ side: 'bare', shown: 'bare GET' }],
    },
    ...readsOfMany(seconds),
    ...keepings.map(memoryUse),
  ];
}

function singleReads(keeping: Keeping, tags: number, load: { seconds: number; inFlight: number }): Line[] {
  const about = `${keeping}, ${tags} tags`;
  const inMemory = { keeping, tags, memory: true };
  return [
    {
      name: `synchronous memory hit, ${about}`,
      options: inMemory,
      work: { kind: 'peek', ...load },
      measure: reads,
      references:
        keeping === 'serialized'
          ? [{ side: 'bare', shown: 'bare lru-cache and JSON.parse' }]
          : [{ side: 'bare', shown: 'bare lru-cache' }, { side: 'layered-loader' }],
    },
    {
      name: `awaited memory hit, ${about}`,
      options: inMemory,
      work: { kind: 'get', ...load },
      measure: reads,
      references: keepersOf(keeping),
    },
    {
      name: `redis hit, ${about}`,
      options: { keeping, tags, memory: false },
      work: { kind: 'get', ...load },
      measure: reads,
      references: [{ side: 'bare', shown: 'bare GET and JSON.parse' }, ...libraries],
    },
  ];
}

function readsOfMany(seconds: number): Line[] {
  const options = { keeping: 'by reference', tags: 3, memory: true } as const;
  return [
    {
      name: 'getMany of 100, 50 of them misses, 3 tags',
      options,
      work: { kind: 'getMany', seconds, hits: 50, misses: 50 },
      measure: reads,
      references: libraries,
    },
    {
      // As layered-loader's own benchmark reads many.
      name: 'getMany of 10, all in memory, 3 tags',
      options,
      work: { kind: 'getMany', seconds, hits: 10, misses: 0 },
      measure: reads,
      references: libraries,
    },
  ];
}

function memoryUse(keeping: Keeping): Line {
  return {
    name: `kept in memory, ${keeping}, 3 tags`,
    options: { keeping, tags: 3, memory: true },
    work: { kind: 'bytesPerEntry', entries },
    measure: bytes,
    references: [{ side: 'bare', shown: 'bare lru-cache' }, ...keepersOf(keeping)],
  };
}
