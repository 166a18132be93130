import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const largestBytes = 10 * 1024 ** 2;

/** Opens a server's log for appending. A large one is first moved aside, over the one moved before. */
export async function openLog(file: string): Promise<FileHandle> {
  await mkdir(dirname(file), { recursive: true });
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > largestBytes) await rename(file, `${file}.old`);
  return open(file, 'a');
}
