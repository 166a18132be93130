import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Question } from './cache.process.ts';
import type { Setup } from './open-cache.ts';

const script = new URL('./cache.process.ts', import.meta.url).pathname;

/** The compiled cache in a process of its own, over a real Redis and a real PostgreSQL. */
export class CacheProcess {
  private readonly ended: Promise<unknown>;
  private output = '';

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = once(child, 'exit');
    child.stderr?.on('data', (data) => {
      this.output = `${this.output}${data}`.slice(-4_000);
    });
  }

  /** Starts it and waits until it follows invalidations. */
  static async start(setup: Setup): Promise<CacheProcess> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env: { PATH: process.env.PATH ?? '', SETUP: JSON.stringify(setup) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const started = new CacheProcess(setup.name, child);
    await started.next('ready');
    return started;
  }

  static startAll(setups: readonly Setup[]): Promise<CacheProcess[]> {
    return Promise.all(setups.map((setup) => CacheProcess.start(setup)));
  }

  /** Gives it a piece of work. One at a time. */
  async ask<Answer>(question: Question): Promise<Answer> {
    const answered = this.next('answer');
    this.child.send(question);
    return (await answered) as Answer;
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private next(type: 'ready' | 'answer'): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const forget = () => this.child.off('message', onMessage).off('exit', onExit);
      const onMessage = (message: unknown) => {
        const { type: given, answer } = message as { type: string; answer?: unknown };
        if (given !== type) return;
        forget();
        resolve(answer);
      };
      const onExit = () => {
        forget();
        reject(new Error(`the process ${this.name} ended. It said:\n${this.output}`));
      };
      this.child.on('message', onMessage).on('exit', onExit);
    });
  }
}
