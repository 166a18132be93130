import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { say } from './setup-error.mjs';

const parentCheckMs = 1000;
/** @type {NodeJS.Signals[]} */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command's script under Node 24 and ends as it ends.
 *
 * Nothing may be left behind: signals are handed on; the script learns of this process's death by the closed channel;
 * and when npm is killed, this process notices and stops the script. (Without npm nobody is watched: `nohup` has to work.)
 * @param {{ root: string, node: string, path: string, script: string, args: string[], countsRequests: boolean }} what
 * @returns {import('node:child_process').ChildProcess}
 */
export function handOver({ root, node, path, script, args, countsRequests }) {
  const child = spawn(node, [join(root, script), ...args], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${path}` },
  });

  for (const signal of stopSignals) {
    process.on(signal, () => {
      // A script that counts them gets Ctrl-C from the terminal as well, and has to tell the two apart.
      if (signal === 'SIGINT' && countsRequests && child.connected) child.send({ type: 'interrupt' });
      else child.kill(signal);
    });
  }
  if (process.env.npm_lifecycle_event) onParentDeath(() => child.kill('SIGTERM'));

  child.once('error', (error) => {
    say(`${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (signal === 'SIGKILL') say('The command was killed; what it had started is being stopped.');
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 1));
  });
  return child;
}

/** @param {() => void} act */
function onParentDeath(act) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, parentCheckMs);
}
