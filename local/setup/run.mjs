import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/**
 * Runs a program to its end and answers with its exit code. Its standard output is shown on standard error.
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string, onStarted?: (pid: number) => void }} [options]
 * @returns {Promise<number>} 127 when it could not be started
 */
export function run(file, args, { cwd, onStarted } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, stdio: ['inherit', 2, 2] });
    child.once('spawn', () => onStarted?.(child.pid ?? 0));
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/**
 * Like `run`, but quiet: the output comes back instead of being shown.
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runQuietly(file, args, options = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Whether a file can be run.
 * @param {string} file
 */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
