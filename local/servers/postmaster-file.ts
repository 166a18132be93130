import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isProcess } from './running-process.ts';

const pollMs = 50;
const longestWaitMs = 10_000;

/** The pid, and whether the server with that pid accepts connections, as the server itself records it. */
export async function readPostmasterFile(
  dataDirectory: string,
): Promise<{ pid: number; isReady: boolean } | undefined> {
  const lines = (await readFile(postmasterFile(dataDirectory), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, isReady: lines[7]?.trim() === 'ready' } : undefined;
}

/**
 * Deletes the lock file of a dead server whose pid still exists: as a zombie that nobody collects or, after a restart of
 * the machine, as some other program. PostgreSQL itself checks only the pid, and would refuse to start.
 */
export async function removeStaleLock(dataDirectory: string): Promise<void> {
  // Only Linux shows which processes work in a directory; elsewhere PostgreSQL's own check must do.
  if (process.platform !== 'linux') return;
  const recorded = await readPostmasterFile(dataDirectory);
  if (!recorded || isProcess(recorded.pid, dataDirectory)) return;
  // Its backends outlive a killed server for a moment. Two servers in one directory would destroy it, so they go first.
  const giveUpAtMs = Date.now() + longestWaitMs;
  while (await isWorkedIn(dataDirectory)) {
    if (Date.now() > giveUpAtMs) return;
    await sleep(pollMs);
  }
  await rm(postmasterFile(dataDirectory), { force: true });
}

async function isWorkedIn(directory: string): Promise<boolean> {
  const place = await realpath(directory);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return places.includes(place);
}

const postmasterFile = (dataDirectory: string): string => join(dataDirectory, 'postmaster.pid');
