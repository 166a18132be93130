import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Guard } from '../servers/guard.ts';
import { projectRoot } from './data-directory.ts';

/** The compiled application. */
export const applicationFile = join(projectRoot, 'dist', 'main.js');

/**
 * Options of Node.js for the application. Most objects of a request are garbage once it is answered: with more room for
 * young objects, fewer are still in use, and copied, when it is full. It may cost 200 MB, and saves 5 to 7 % of the time.
 */
export const applicationNodeOptions = ['--enable-source-maps', '--max-semi-space-size=64'];

/** How long it may take to answer what it has accepted. */
const drainMs = 15_000;

/** How one process of the application ended. */
export interface ApplicationEnd {
  /** For people: `SIGKILL`, `exit code 1`. */
  how: string;
  /** It reported ready before it ended. */
  wasReady: boolean;
  /** It refused to start: its settings are wrong, or its port is taken. It has said so itself. */
  isRefusal: boolean;
}

/** The application as a child process. It sends `{ type: 'ready', url? }` once it serves. */
export class Application {
  readonly #env: NodeJS.ProcessEnv;
  readonly #guard: Guard;
  #child: ChildProcess | undefined;

  constructor(env: NodeJS.ProcessEnv, guard: Guard) {
    this.#env = env;
    this.#guard = guard;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it; resolves when it has ended. */
  run(onStarted: () => void, onReady: (url: string | undefined) => void): Promise<ApplicationEnd> {
    const child = fork(applicationFile, [], {
      env: this.#env,
      execArgv: [...applicationNodeOptions],
      // A session of its own, so that Ctrl-C reaches it once and in its turn: as the SIGTERM of `stop`.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    let wasReady = false;
    child.on('message', (message) => {
      const { type, url } = message as { type?: unknown; url?: unknown };
      if (type !== 'ready') return;
      wasReady = true;
      onReady(typeof url === 'string' ? url : undefined);
    });

    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', () => {
        const release = this.#guard.protect({ pid: child.pid ?? 0, stage: 1, signal: 'SIGTERM', graceMs: drainMs });
        onStarted();
        child.once('exit', (code, signal) => {
          release();
          this.#child = undefined;
          resolve({ how: signal ?? `exit code ${code}`, wasReady, isRefusal: code === 1 && !wasReady });
        });
      });
    });
  }

  /** Asks it to finish what it has accepted and end; kills it after 15 s. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), drainMs);
    await ended;
    clearTimeout(timer);
  }

  /** Ends it at once, with whatever it was doing. */
  kill9(): void {
    this.#child?.kill('SIGKILL');
  }
}
