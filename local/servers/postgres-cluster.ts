import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresHome } from './postgres-home.ts';

const execute = promisify(execFile);

/** The owner of the cluster and of everything in it. */
export const databaseUser = 'tiershop';

/** Makes a cluster where there is none. It appears whole or not at all, even if this is interrupted. */
export async function ensureCluster(home: PostgresHome, password: string): Promise<void> {
  const { dataDirectory, owner } = home;
  if (await hasCluster(home)) return;
  const unfinished = `${dataDirectory}.new`;
  const passwordFile = `${dataDirectory}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(dataDirectory), { recursive: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner) {
    await chown(unfinished, owner.uid, owner.gid);
    await chown(passwordFile, owner.uid, owner.gid);
  }
  try {
    await execute(join(home.binDirectory, 'initdb'), initdbArguments(unfinished, passwordFile), { ...owner, cwd: '/' });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, dataDirectory);
}

async function hasCluster({ binDirectory, dataDirectory }: PostgresHome): Promise<boolean> {
  const version = await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(
      `${dataDirectory} cannot be read (${error.code}): it was made by another user. ` +
        'Start tiershop as that user, or set TIERSHOP_DATA_DIR to another directory.',
    );
  });
  if (version === undefined) return false;
  const { stdout } = await execute(join(binDirectory, 'postgres'), ['--version']);
  const major = /(\d+)/.exec(stdout)?.[1];
  if (version.trim() === major) return true;
  throw new Error(
    `${dataDirectory} was made by PostgreSQL ${version.trim()}, and this is ${major}. ` +
      'Delete local data with `npm run reset`, or set TIERSHOP_DATA_DIR to another directory.',
  );
}

function initdbArguments(dataDirectory: string, passwordFile: string): string[] {
  return [
    `--pgdata=${dataDirectory}`,
    `--username=${databaseUser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    // 128 random bits need no stretching, and every new connection would pay for it.
    '--set=scram_iterations=1',
    // The same order and case rules on every machine, whatever locales it has.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
}
