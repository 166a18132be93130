import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bound } from '../harness/processors.ts';
import { variantCount } from './levels.ts';

const connections = 50;

/** redis-benchmark puts twelve digits of a random number below `variantCount` in place of each of these. */
export const randomDigits = '__rand_int__';

export interface BenchmarkPlan {
  readonly port: number;
  readonly command: readonly string[];
  readonly requests: number;
  readonly processor: number | undefined;
}

export interface BenchmarkOutcome {
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** Runs redis-benchmark without pipelining. */
export async function redisBenchmark({ port, command, requests, processor }: BenchmarkPlan): Promise<BenchmarkOutcome> {
  const options = { '-p': port, '-c': connections, '-n': requests, '-r': variantCount };
  const args = ['-e', '--csv', ...Object.entries(options).flat().map(String), ...command];
  const [file = '', ...rest] = bound(processor, ['redis-benchmark', ...args]);
  const { stdout } = await promisify(execFile)(file, rest);
  return parseOutcome(stdout);
}

/** @param csv its last line ends with: requests per second, then ms of latency: mean, least, p50, p95, p99, most */
export function parseOutcome(csv: string): BenchmarkOutcome {
  const numbers = (csv.trim().split('\n').at(-1) ?? '').match(/"[\d.]+"/g)?.slice(-7) ?? [];
  const [perSecond, , , , , p99Ms] = numbers.map((quoted) => Number(quoted.slice(1, -1)));
  if (!perSecond || p99Ms === undefined) throw new Error(`redis-benchmark said something else:\n${csv}`);
  return { perSecond, p99Ms };
}
