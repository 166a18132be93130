// `npm run reset`: deletes local data of the shop. It refuses while the shop runs; --force stops it first.
import { endProcess } from '../servers/running-process.ts';
import { type DataDirectory, dataDirectory } from '../supervisor/data-directory.ts';
import { type DeletedData, deleteData } from '../supervisor/delete-data.ts';
import { stopLeftovers } from '../supervisor/leftovers.ts';
import { holderMark, liveRun, readRun } from '../supervisor/run-file.ts';
import { say, sayFailure } from '../supervisor/say.ts';

const stopMs = 40_000;

interface Reset extends DeletedData {
  /** The shop that was stopped for it. */
  stoppedPid: number | null;
}

async function reset(data: DataDirectory, force: boolean): Promise<Reset> {
  const run = await liveRun(data);
  if (run && !force) {
    throw new Error(
      `The data is in use by pid ${run.pid}. Stop that first (Ctrl-C where it runs), or use: npm run reset -- --force`,
    );
  }
  if (run) await endProcess(run.pid, holderMark, 'SIGTERM', stopMs);
  await stopLeftovers(data, await readRun(data));
  return { ...(await deleteData(data)), stoppedPid: run?.pid ?? null };
}

try {
  const result = await reset(dataDirectory(process.env), process.argv.includes('--force'));
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (result.deleted.length === 0) say('There was nothing to delete.');
  else say(`Deleted ${result.deleted.join(', ')}. The next start begins anew.`);
  if (result.left.length > 0 && !process.argv.includes('--json'))
    say(`Left alone, as tiershop did not make it: ${result.left.join(', ')}.`);
} catch (error) {
  sayFailure(error);
  process.exitCode = 1;
}
