import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exclusively } from './exclusive.mjs';
import { runQuietly } from './run.mjs';
import { SetupError, say } from './setup-error.mjs';

/** Besides `src/`, what the compiled result depends on. */
const settings = ['.swcrc', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/**
 * Compiles `src/` to `dist/` unless that was done from exactly these sources: by content, since a checkout changes times.
 * @param {string} root
 * @param {string} node Node 24
 * @returns {Promise<boolean>} whether it compiled
 */
export async function ensureBuilt(root, node) {
  if (await isFresh(root)) return false;
  await exclusively(join(root, '.data', 'build.lock'), 'building', async () => {
    if (await isFresh(root)) return;
    const startedAt = Date.now();
    const hash = await hashSources(root);
    const { code, output } = await runQuietly(node, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { cwd: root });
    if (code !== 0)
      throw new SetupError(`The build failed:\n\n${output.trim()}\n\nMend what it names and run the command again.`);
    // Written last and inside dist/, which every build empties first: an interrupted build is never taken for a whole one.
    await writeFile(stampFile(root), `${hash}\n`);
    say(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
  });
  return true;
}

/** @param {string} root */
async function isFresh(root) {
  const stamp = await readFile(stampFile(root), 'utf8').catch(() => '');
  return stamp !== '' && stamp.trim() === (await hashSources(root));
}

/** @param {string} root */
async function hashSources(root) {
  const names = await readdir(join(root, 'src'), { recursive: true });
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts')).sort();
  const hash = createHash('sha256');
  for (const file of [...settings, ...sources.map((name) => join('src', name))]) {
    hash.update(`${file}\0`).update(await readFile(join(root, file)));
  }
  return hash.digest('hex');
}

/** @param {string} root */
const stampFile = (root) => join(root, 'dist', '.sources');
