// What is compared with what. A library without the kind of call is left out of its line.
import type { Measure } from '../harness/result.ts';
import type { SideOptions } from './side.ts';
import type { SideName } from './side-names.ts';
import type { Work } from './work.ts';

/** One kind of work, and those who are asked to do it. */
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
/** Without layered-loader, which always keeps the objects themselves in memory. */
const serializing = libraries.filter(({ side }) => side !== 'layered-loader');
const reads: Measure = { key: 'perCpuSecond', label: 'throughput', unit: 'calls per CPU second', better: 'more' };
const bytes: Measure = { key: 'bytes', label: 'memory', unit: 'bytes per entry of 1 KB', better: 'less' };
const entries = 2_000;
const keepings = ['by reference', 'serialized'] as const;

export function linesFor(seconds: number, inFlight: number): Line[] {
  const lines: Line[] = [];
  for (const tags of [0, 3]) {
    for (const keeping of keepings) {
      const about = `${keeping}, ${tags} tags`;
      const inMemory = { keeping, tags, memory: true };
      const inRedis = { keeping, tags, memory: false };
      lines.push(
        {
          name: `synchronous memory hit, ${about}`,
          options: inMemory,
          work: { kind: 'peek', seconds, inFlight },
          measure: reads,
          references: [
            { side: 'bare', shown: keeping === 'serialized' ? 'bare lru-cache and JSON.parse' : 'bare lru-cache' },
            ...(keeping === 'serialized' ? [] : [{ side: 'layered-loader' as const }]),
          ],
        },
        {
          name: `awaited memory hit, ${about}`,
          options: inMemory,
          work: { kind: 'get', seconds, inFlight },
          measure: reads,
          references: keeping === 'serialized' ? serializing : libraries,
        },
        {
          name: `redis hit, ${about}`,
          options: inRedis,
          work: { kind: 'get', seconds, inFlight },
          measure: reads,
          references: [{ side: 'bare', shown: 'bare GET and JSON.parse' }, ...libraries],
        },
      );
    }
  }
  const offered = { keeping: 'by reference', tags: 3, memory: true } as const;
  return [
    ...lines,
    {
      name: 'redis hit, ready to send',
      options: { keeping: 'serialized', tags: 3, memory: false },
      work: { kind: 'bytes', seconds, inFlight },
      measure: reads,
      references: [{ side: 'bare', shown: 'bare GET' }],
    },
    {
      name: 'getMany of 100, 50 of them misses, 3 tags',
      options: offered,
      work: { kind: 'getMany', seconds, hits: 50, misses: 50 },
      measure: reads,
      references: libraries,
    },
    {
      // As layered-loader's own benchmark reads many.
      name: 'getMany of 10, all in memory, 3 tags',
      options: offered,
      work: { kind: 'getMany', seconds, hits: 10, misses: 0 },
      measure: reads,
      references: libraries,
    },
    ...keepings.map((keeping) => ({
      name: `kept in memory, ${keeping}, 3 tags`,
      options: { ...offered, keeping },
      work: { kind: 'bytesPerEntry' as const, entries },
      measure: bytes,
      references: [
        { side: 'bare' as const, shown: 'bare lru-cache' },
        ...(keeping === 'serialized' ? serializing : libraries),
      ],
    })),
  ];
}
