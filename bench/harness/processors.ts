// With the measured process and the one that loads it on processors of their own, neither takes time or cache from the
// other. Servers behind them stay free to run where there is room.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The processors to bind processes to; undefined where that is not possible. */
export interface Processors {
  readonly measured: number | undefined;
  readonly load: number | undefined;
}

export function chooseProcessors(): Processors {
  const allowed = parseProcessors(readFileSync('/proc/self/status', 'utf8'));
  const canBind = spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!canBind || allowed.length < 2) return { measured: undefined, load: undefined };
  // First and last: on many machines neighbours are two threads of one core.
  return { measured: allowed[0], load: allowed.at(-1) };
}

/** @param status the text of /proc/<pid>/status @returns numbers of the processors it may use */
export function parseProcessors(status: string): number[] {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)/m.exec(status)?.[1];
  return (list?.split(',') ?? []).flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** The command that runs another one on this processor only. */
export function bound(processor: number | undefined, command: readonly string[]): readonly string[] {
  return processor === undefined ? command : ['taskset', '-c', String(processor), ...command];
}
