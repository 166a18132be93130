import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError, say } from './setup-error.mjs';

const waitMs = 500;
const longestWaitMs = 15 * 60_000;

/**
 * Runs `work` while no other process does: two commands started together must not install or build over each other.
 * The lock is a file holding pids; it is taken over when all of them have died.
 * @param {string} lockFile
 * @param {string} what named in the message to whoever waits
 * @param {(alsoHeldBy: (pid: number) => Promise<void>) => Promise<void>} work is given a way to name a child process that
 *   goes on working even if this process is killed
 */
export async function exclusively(lockFile, what, work) {
  await mkdir(dirname(lockFile), { recursive: true });
  await acquire(lockFile, what);
  try {
    await work((pid) => appendFile(lockFile, ` ${pid}`));
  } finally {
    await rm(lockFile, { force: true });
  }
}

/** @param {string} lockFile @param {string} what */
async function acquire(lockFile, what) {
  const giveUpAt = Date.now() + longestWaitMs;
  let told = false;
  while (!(await create(lockFile))) {
    const holders = (await readFile(lockFile, 'utf8').catch(() => '')).split(' ').map(Number);
    const alive = holders.find(isAlive);
    if (!alive) {
      await rm(lockFile, { force: true });
      continue;
    }
    if (!told) say(`Another command (pid ${alive}) is ${what}; waiting for it.`);
    told = true;
    if (Date.now() > giveUpAt) {
      throw new SetupError(
        `Another command (pid ${alive}) is still ${what}. If it is not, delete ${lockFile} and try again.`,
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

/**
 * Whether a process runs and is a Node: after a restart of the machine the pid may be anybody's.
 * @param {number} pid
 */
function isAlive(pid) {
  if (!pid) return false;
  try {
    if (existsSync('/proc/self/cmdline')) return /node|npm/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
