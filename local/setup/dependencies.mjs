import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exclusively } from './exclusive.mjs';
import { run } from './run.mjs';
import { SetupError, say } from './setup-error.mjs';

const progressMs = 20_000;

/**
 * Installs what package-lock.json names, unless exactly that is installed already. The stamp is written last, so an
 * interrupted installation is repeated by the next command.
 * @param {string} root
 * @param {() => Promise<unknown>} beforeInstall may throw, and nothing is installed
 */
export async function ensureDependencies(root, beforeInstall) {
  if (await hasDependencies(root)) return;
  await beforeInstall();
  await exclusively(join(root, '.data', 'install.lock'), 'installing dependencies', async (alsoHeldBy) => {
    if (await hasDependencies(root)) return;
    await install(root, alsoHeldBy);
    await writeFile(stampFile(root), `${await lockHash(root)}\n`);
  });
}

/**
 * Whether the tree npm recorded in node_modules (`installed`) is the one package-lock.json asks for (`wanted`).
 * Optional packages of other platforms may be missing from it.
 * @public
 * @param {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} wanted
 * @param {{ packages: Record<string, { version?: string }> }} installed
 */
export function isSameTree(wanted, installed) {
  const packages = Object.entries(wanted.packages).filter(([path]) => path !== '');
  const wrong = packages.filter(([path, { version, optional, devOptional }]) => {
    const found = installed.packages[path];
    return found ? found.version !== version : !(optional || devOptional);
  });
  return wrong.length === 0;
}

/**
 * Whether exactly what package-lock.json names is installed.
 * @param {string} root
 */
export async function hasDependencies(root) {
  const hash = await lockHash(root);
  const stamp = await readFile(stampFile(root), 'utf8').catch(() => '');
  if (stamp.trim() === hash) return true;
  // Somebody ran npm by hand: no reason to install everything again.
  const installed = await readFile(join(root, 'node_modules', '.package-lock.json'), 'utf8').catch(() => '');
  if (!installed || !isSameTree(JSON.parse(await readFile(lockFile(root), 'utf8')), JSON.parse(installed)))
    return false;
  await writeFile(stampFile(root), `${hash}\n`);
  return true;
}

/**
 * @param {string} root
 * @param {(pid: number) => Promise<void>} onStarted
 */
async function install(root, onStarted) {
  say('Installing dependencies (npm ci). The first time this takes a minute or two.');
  const startedAt = Date.now();
  const progress = setInterval(() => say(`Still installing, ${seconds(startedAt)} s so far.`), progressMs);
  // Overrides npm settings made elsewhere: the tools are dev packages, and Node 24 is an optional one.
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--engine-strict=false',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  // The npm that runs this script, else the one on the PATH.
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith('npm-cli.js')
    ? await run(process.execPath, [npm, ...args], { cwd: root, onStarted })
    : await run('npm', args, { cwd: root, onStarted });
  clearInterval(progress);
  if (code !== 0) {
    throw new SetupError(
      `npm ci failed (exit code ${code}); what it printed above says why. Most often the network was away: ` +
        'run the same command again. Nothing has to be cleaned up first.',
    );
  }
  say(`Dependencies installed in ${seconds(startedAt)} s.`);
}

/** @param {string} root */
async function lockHash(root) {
  return createHash('sha256')
    .update(await readFile(lockFile(root)))
    .digest('hex');
}

/** @param {string} root */
const lockFile = (root) => join(root, 'package-lock.json');
/** @param {string} root */
const stampFile = (root) => join(root, 'node_modules', '.tiershop-lock');
/** @param {number} sinceMs */
const seconds = (sinceMs) => Math.round((Date.now() - sinceMs) / 1000);
