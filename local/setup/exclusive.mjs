import { existsSync, readFileSync } from 'node:fs';
import { appendFile, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError, say } from './setup-error.mjs';

const waitMs = 500;
const settleMs = 100;
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
  let tookOver = false;
  for (;;) {
    if (await create(lockFile)) {
      if (!tookOver) return;
      // Another process that found the same dead holder may delete this file, taking it for the old one.
      await sleep(settleMs);
      if ((await holdersOf(lockFile))[0] === process.pid) return;
    }
    const alive = (await holdersOf(lockFile)).find(isAlive);
    if (!alive) {
      tookOver = true;
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
  // Linked into place, so that nobody ever reads it without the pid.
  const draft = `${lockFile}.${process.pid}`;
  await writeFile(draft, String(process.pid));
  try {
    await link(draft, lockFile);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** @param {string} lockFile */
async function holdersOf(lockFile) {
  return (await readFile(lockFile, 'utf8').catch(() => '')).split(' ').map(Number);
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
    return codeOf(error) === 'EPERM';
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code;
