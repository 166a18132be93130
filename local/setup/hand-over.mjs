import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const parentCheckMs = 1000;

/**
 * Runs a command's script under Node 24 and ends as it ends.
 *
 * Nothing may be left behind: signals are handed on; the script learns of this process's death by the closed channel;
 * and when the parent (npm) is killed, this process notices and stops the script.
 * @param {{ root: string, node: string, path: string, script: string, args: string[] }} what
 * @returns {import('node:child_process').ChildProcess}
 */
export function handOver({ root, node, path, script, args }) {
  const child = spawn(node, [join(root, script), ...args], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${path}` },
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, parentCheckMs);

  child.once('error', (error) => {
    process.stderr.write(`[tiershop] ${node} could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
  return child;
}
