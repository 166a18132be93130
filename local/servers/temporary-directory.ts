import { chmod, mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memoryDirectory = '/dev/shm';
const enoughBytes = 2 * 1024 ** 3;

/**
 * A new directory for servers that live for one run only. Their guard deletes it.
 * @param place `memory` for data that need not survive anything: cloning a database, which is many small files, takes
 *   15 ms there and up to 300 ms on a disk. Where memory is small, as in containers, the disk is used.
 */
export async function temporaryDirectory(place: 'disk' | 'memory'): Promise<string> {
  const parent = place === 'memory' && (await hasRoom(memoryDirectory)) ? memoryDirectory : tmpdir();
  const directory = await mkdtemp(join(parent, 'tiershop-'));
  // Started by root, PostgreSQL runs as another user and has to get in; what is inside has stricter modes of its own.
  await chmod(directory, 0o755);
  return directory;
}

async function hasRoom(directory: string): Promise<boolean> {
  return statfs(directory).then(
    ({ bavail, bsize }) => bavail * bsize > enoughBytes,
    () => false,
  );
}
