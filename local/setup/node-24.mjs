import { join } from 'node:path';
import { isExecutable, runQuietly } from './run.mjs';
import { SetupError } from './setup-error.mjs';

const neededMajor = 24;

/**
 * The Node that runs the project: the one among the dependencies, else the current one if it is new enough.
 * Never silently an older one: TypeScript would not run, and tests would mean less.
 * @param {string} root
 * @returns {Promise<string>} path of the executable
 */
export async function findNode24(root) {
  const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (isExecutable(bundled)) {
    const { code, output } = await runQuietly(bundled, ['--version']);
    if (code === 0 && isNewEnough(output)) return bundled;
  }
  if (isNewEnough(process.version)) return process.execPath;
  throw new SetupError(
    `tiershop needs Node ${neededMajor} or newer; this is ${process.version}, and none came with the dependencies for ` +
      `${process.platform}-${process.arch}. Install Node ${neededMajor} (for example: nvm install ${neededMajor}) and run the command again.`,
  );
}

/**
 * @param {string} version such as `v24.1.0`
 * @public
 */
export function isNewEnough(version) {
  return Number(/^v(\d+)\./.exec(version.trim())?.[1] ?? 0) >= neededMajor;
}
