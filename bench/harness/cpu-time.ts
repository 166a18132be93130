import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: the unit in which Linux tells CPU time to programs, the same on every architecture Node runs on. */
const ticksPerSecond = 100;

/** CPU time a process has used so far, in user and kernel mode, with all its threads; exact to 10 ms. Linux only. */
export function cpuSeconds(pid: number): number {
  return parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** @param stat a line of /proc/<pid>/stat (proc_pid_stat(5)) */
export function parseCpuSeconds(stat: string): number {
  // The second field is the name of the program in brackets, and may itself contain blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error('This is not a line of /proc/<pid>/stat.');
  return ticks / ticksPerSecond;
}

/** The same for a process and its present children; PostgreSQL has one for each connection. */
export function cpuSecondsWithChildren(pid: number): number {
  const children = readdirSync(`/proc/${pid}/task/${pid}`).includes('children')
    ? readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    : [];
  return children.reduce((sum, child) => sum + cpuSecondsUnlessEnded(child), cpuSeconds(pid));
}

/** A child may end while it is looked at, as a worker of autovacuum does. */
function cpuSecondsUnlessEnded(pid: number): number {
  try {
    return cpuSeconds(pid);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 0;
    throw error;
  }
}
