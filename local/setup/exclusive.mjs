import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError, say } from './setup-error.mjs';

const waitMs = 500;
const longestWaitMs = 15 * 60_000;

/**
 * Runs `work` while no other process does: two commands started together must not install or build over each other.
 * The lock is a file holding a pid; the lock of a process that has died is taken over.
 * @param {string} lockFile
 * @param {string} what named in the message to whoever waits
 * @param {() => Promise<void>} work
 */
export async function exclusively(lockFile, what, work) {
  await mkdir(dirname(lockFile), { recursive: true });
  await acquire(lockFile, what);
  try {
    await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

/** @param {string} lockFile @param {string} what */
async function acquire(lockFile, what) {
  const giveUpAt = Date.now() + longestWaitMs;
  let told = false;
  while (!(await create(lockFile))) {
    const holder = Number(await readFile(lockFile, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) {
      await rm(lockFile, { force: true });
      continue;
    }
    if (!told) say(`Another command (pid ${holder}) is ${what}; waiting for it.`);
    told = true;
    if (Date.now() > giveUpAt) {
      throw new SetupError(
        `Another command (pid ${holder}) is still ${what}. If it is not, delete ${lockFile} and try again.`,
      );
    }
    await sleep(waitMs);
  }
}

/** @param {string} lockFile */
async function create(lockFile) {
  try {
    const file = await open(lockFile, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
