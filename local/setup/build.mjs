import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exclusively } from './exclusive.mjs';
import { runQuietly } from './run.mjs';
import { SetupError, say } from './setup-error.mjs';

/** Besides `src/`, what the compiled result depends on. */
const settings = ['.swcrc', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

const nestBuild = ['node_modules/@nestjs/cli/bin/nest.js', 'build'];
// Types are checked by `npm run check`; here they are only written down.
const emitTypes = [
  ...['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck'],
  ...['--declaration', '--emitDeclarationOnly', '--sourceMap', 'false'],
];

/** Each holds the hash of the sources from which that part of dist/ was made. */
const codeStamp = 'dist/.sources';
const typesStamp = 'dist/.types';

/**
 * Compiles `src/` to `dist/` unless that was done from exactly these sources: by content, since a checkout changes times.
 * @param {string} root
 * @param {string} node Node 24
 * @param {boolean} [withTypes] also the declarations that applications of others are checked against
 */
export async function ensureBuilt(root, node, withTypes = false) {
  const isWhole = async () => (await isFresh(root, codeStamp)) && (!withTypes || (await isFresh(root, typesStamp)));
  if (await isWhole()) return;
  await exclusively(join(root, '.data', 'build.lock'), 'building', async () => {
    if (await isWhole()) return;
    const startedAt = Date.now();
    const hadTypes = existsSync(join(root, typesStamp));
    // Nest empties dist/ first, so a stamp, which is written last, is never left beside what it does not speak of.
    if (!(await isFresh(root, codeStamp))) await produce(root, node, nestBuild, codeStamp);
    if (withTypes) await produce(root, node, emitTypes, typesStamp);
    const lost = hadTypes && !withTypes ? ' Applications that import tiershop need `npm run build` for its types.' : '';
    say(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.${lost}`);
  });
}

/**
 * @param {string} root
 * @param {string} node
 * @param {string[]} args
 * @param {string} stamp
 */
async function produce(root, node, args, stamp) {
  const hash = await hashSources(root);
  const { code, output } = await runQuietly(node, args, { cwd: root });
  if (code !== 0)
    throw new SetupError(`The build failed:\n\n${output.trim()}\n\nMend what it names and run the command again.`);
  await writeFile(join(root, stamp), `${hash}\n`);
}

/**
 * @param {string} root
 * @param {string} stamp
 */
async function isFresh(root, stamp) {
  const hash = await readFile(join(root, stamp), 'utf8').catch(() => '');
  return hash !== '' && hash.trim() === (await hashSources(root));
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
