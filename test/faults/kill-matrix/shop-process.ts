import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Ordered } from './crash-points.ts';

const main = new URL('../../../dist/main.js', import.meta.url).pathname;
const preload = new URL('./crash.preload.ts', import.meta.url).pathname;

/** The compiled shop in a process of its own, that crashes as it is ordered to. */
export class ShopProcess {
  /** Resolves when it has crashed as ordered; when it was frozen it is still there. */
  readonly crashed: Promise<void>;
  readonly ended: Promise<unknown[]>;
  private output = '';

  private constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'exit');
    this.crashed = new Promise((resolve) => {
      child.on('message', (message) => {
        if ((message as { type?: string }).type === 'crash') resolve();
      });
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        this.output = `${this.output}${data}`.slice(-4_000);
      });
    }
  }

  /** Loads the application in a new process, which then waits for `begin`. */
  static load(
    env: Readonly<Record<string, string>>,
    options: { readonly crash?: Ordered | undefined; readonly mutant?: string | undefined } = {},
  ): ShopProcess {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', preload, main], {
      env: {
        PATH: process.env.PATH ?? '',
        ...env,
        ...(options.crash && { CRASH: JSON.stringify(options.crash) }),
        ...(options.mutant && { MUTANT: options.mutant }),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new ShopProcess(child);
  }

  /** Starts the shop and waits until it serves. @throws Error with what it said when it ends before */
  async begin(): Promise<void> {
    const begun = new Promise<void>((resolve, reject) => {
      this.child.on('message', (message) => {
        const { type } = message as { type?: string };
        // It may crash in what it does at its start: then it has served its purpose.
        if (type === 'ready' || type === 'crash') resolve();
      });
      void this.ended.then(([code, signal]) =>
        reject(new Error(`the shop ended (${code ?? signal}):\n${this.output}`)),
      );
    });
    // One that has ended before cannot be told anything, and is noticed by its end.
    this.child.send('begin', () => {});
    await begun;
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
