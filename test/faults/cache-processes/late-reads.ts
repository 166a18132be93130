import type { Answered, HammerReport } from './hammer.ts';

/** A read that began when a newer version had been answered for longer than is allowed. */
export interface LateRead {
  readonly key: string;
  readonly reader: 'the writing process' | 'another process';
  readonly saw: number;
  readonly lateMs: number;
}

/** Of all reports of one run, the reads that were given what they must not be given. */
export function lateReads(reports: readonly HammerReport[], boundMs: number): LateRead[] {
  const late: LateRead[] = [];
  const writers = reports.map(({ answered }) => Map.groupBy(answered, ({ key }) => key));
  reports.forEach(({ lastSeen }, reader) => {
    for (const { key, version, startedAtMs } of lastSeen) {
      const writer = writers.findIndex((keys) => keys.has(key));
      const newer = writers[writer]?.get(key)?.find((one) => one.version > version);
      if (!newer) continue;
      const isOwn = writer === reader;
      const lateMs = startedAtMs - (isOwn ? newer.atMs : allowedUntilMs(newer, boundMs));
      if (lateMs > 0)
        late.push({ key, reader: isOwn ? 'the writing process' : 'another process', saw: version, lateMs });
    }
  });
  return late;
}

const allowedUntilMs = ({ toldAtMs }: Answered, boundMs: number): number =>
  toldAtMs === undefined ? Number.POSITIVE_INFINITY : toldAtMs + boundMs;
