import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new directory for servers that live for one run only. Their guard deletes it. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tiershop-'));
  // Started by root, PostgreSQL runs as another user and has to get in; what is inside has stricter modes of its own.
  await chmod(directory, 0o755);
  return directory;
}
