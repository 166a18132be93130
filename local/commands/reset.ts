// `npm run reset`: deletes local data. It refuses while the shop runs; --force stops it first.
import { realpath, rm } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { endProcess } from '../servers/running-process.ts';
import { type DataDirectory, dataDirectory, projectRoot } from '../supervisor/data-directory.ts';
import { stopLeftovers } from '../supervisor/leftovers.ts';
import { holderMark, liveRun, readRun } from '../supervisor/run-file.ts';
import { say, sayFailure } from '../supervisor/say.ts';
import { readOptional } from '../supervisor/small-files.ts';

const stopMs = 40_000;

interface Deleted {
  /** Directories that are gone now. */
  deleted: string[];
  /** The shop that was stopped for it. */
  stoppedPid: number | null;
}

async function reset(data: DataDirectory, force: boolean): Promise<Deleted> {
  const run = await liveRun(data);
  if (run && !force) {
    throw new Error(
      `The data is in use by pid ${run.pid}. Stop that first (Ctrl-C where it runs), or use: npm run reset -- --force`,
    );
  }
  if (run) await endProcess(run.pid, holderMark, 'SIGTERM', stopMs);
  await stopLeftovers(data, await readRun(data));
  return { deleted: await deleteData(data), stoppedPid: run?.pid ?? null };
}

async function deleteData(data: DataDirectory): Promise<string[]> {
  const isOurs = (await readOptional(data.portsFile)) !== undefined || data.root === `${projectRoot}/.data`;
  if (!isOurs) throw new Error(`${data.root} does not look like data of tiershop, and is left alone.`);
  const postgres = await realpath(data.postgres).catch(() => undefined);
  const root = await realpath(data.root).catch(() => undefined);
  if (!root) return [];
  // Started by root, PostgreSQL may keep its data elsewhere, behind a link.
  const elsewhere = postgres && isOutside(root, postgres) ? [postgres] : [];
  const directories = [...elsewhere, data.root];
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
  return directories;
}

function isOutside(parent: string, path: string): boolean {
  const way = relative(parent, path);
  return way.startsWith('..') || isAbsolute(way);
}

try {
  const result = await reset(dataDirectory(process.env), process.argv.includes('--force'));
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (result.deleted.length === 0) say('There was nothing to delete.');
  else say(`Deleted ${result.deleted.join(' and ')}. The next start begins anew.`);
} catch (error) {
  sayFailure(error);
  process.exitCode = 1;
}
