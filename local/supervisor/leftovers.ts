import { realpath } from 'node:fs/promises';
import { readPostmasterFile } from '../servers/postmaster-file.ts';
import { redisPidFile } from '../servers/redis-kind.ts';
import { layers } from '../servers/redis-layers.ts';
import { endProcess, isProcess } from '../servers/running-process.ts';
import { applicationFile } from './application.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Run } from './run-file.ts';
import { say } from './say.ts';
import { readOptional } from './small-files.ts';

interface Leftover {
  name: string;
  pid: number | undefined;
  /** What its command line must contain to be ours. */
  mark: string;
  signal: NodeJS.Signals;
  graceMs: number;
}

/**
 * Stops what a killed run left behind: the application first, then the servers, each only when its command line shows that
 * it works for this data directory. Its guard may be doing the same; two that stop one server do no harm.
 */
export async function stopLeftovers(data: DataDirectory, left: Run | undefined): Promise<void> {
  await stopAll([
    { name: 'application', pid: left?.pids?.application, mark: applicationFile, signal: 'SIGTERM', graceMs: 15_000 },
  ]);
  await stopAll(await Promise.all(layers.map((layer) => redisLeftover(data.redis[layer], `redis (${layer})`))));
  await stopAll([await postgresLeftover(data)]);
}

async function stopAll(leftovers: Leftover[]): Promise<void> {
  const alive = leftovers.filter(({ pid, mark }) => isProcess(pid, mark));
  if (alive.length === 0) return;
  say(`Stopping what an earlier run left behind: ${alive.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')}.`);
  await Promise.all(alive.map(({ pid = 0, mark, signal, graceMs }) => endProcess(pid, mark, signal, graceMs)));
}

async function redisLeftover(directory: string, name: string): Promise<Leftover> {
  const pid = Number(await readOptional(redisPidFile(directory)));
  return { name, pid, mark: directory, signal: 'SIGTERM', graceMs: 10_000 };
}

async function postgresLeftover(data: DataDirectory): Promise<Leftover> {
  const directory = await realpath(data.postgres).catch(() => data.postgres);
  const recorded = await readPostmasterFile(directory);
  return { name: 'PostgreSQL', pid: recorded?.pid, mark: directory, signal: 'SIGINT', graceMs: 15_000 };
}
