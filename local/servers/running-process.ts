import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 50;

/**
 * The command line of a process, or '' when there is none. A pid alone proves nothing: after a crash or a restart of the
 * machine it may belong to anybody.
 */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** Whether this pid is alive and its command line contains `mark`. */
export function isProcess(pid: number | undefined, mark: string): pid is number {
  return pid !== undefined && pid > 0 && commandLine(pid).includes(mark);
}

/** Ends a process that is not a child of this one; kills it when it takes longer than `graceMs`. */
export async function endProcess(pid: number, mark: string, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  const killAt = Date.now() + graceMs;
  send(pid, signal);
  send(pid, 'SIGCONT');
  let isKilled = false;
  while (isProcess(pid, mark)) {
    if (!isKilled && Date.now() > killAt) {
      send(pid, 'SIGKILL');
      isKilled = true;
    }
    await sleep(pollMs);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
