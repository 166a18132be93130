import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { projectRoot } from '../supervisor/data-directory.ts';

/**
 * Runs a script of the project or of a dependency under the Node of this process, in the same terminal. Ctrl-C reaches it
 * from the terminal; what reaches only this process is handed on, and so is the death of the launcher.
 * @param args the script, after options of Node
 * @returns its exit code
 */
export function runTool(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd: projectRoot, stdio: 'inherit', env });
    const handOn = (signal: NodeJS.Signals) => void child.kill(signal);
    const launcherDied = () => void child.kill('SIGTERM');
    const ignore = () => undefined;
    process.on('SIGINT', ignore);
    process.on('SIGTERM', handOn);
    process.on('SIGHUP', handOn);
    process.once('disconnect', launcherDied);
    process.channel?.unref();
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore).off('SIGTERM', handOn).off('SIGHUP', handOn).off('disconnect', launcherDied);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 1));
    });
  });
}
