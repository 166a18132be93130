import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Guard } from '../../local/servers/guard.ts';
import { bound } from './processors.ts';

const stopMs = 10_000;
const keptOutput = 4_000;

export interface ChildOptions {
  /** As it is named in errors. */
  readonly name: string;
  readonly script: string;
  /** Options of Node. */
  readonly nodeArgs?: readonly string[];
  /** All of its environment: nothing of the caller's reaches what is measured. */
  readonly env?: Readonly<Record<string, string>>;
  readonly processor?: number | undefined;
}

/** A Node process that says `{ type: 'ready', url? }` when it can be used; it may answer questions. It ends with us. */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  #output = '';
  #url = '';

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        this.#output = `${this.#output}${data}`.slice(-keptOutput);
      });
    }
  }

  /** Starts it and waits until it is ready. */
  static async start(options: ChildOptions, guard: Guard): Promise<Child> {
    const { name, script, nodeArgs = [], env = {}, processor } = options;
    const [file = '', ...args] = bound(processor, [process.execPath, ...nodeArgs, script]);
    const spawned = spawn(file, args, {
      env: { PATH: process.env.PATH ?? '', ...env },
      // A session of its own: Ctrl-C is for the bench, which then stops all of them in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    await once(spawned, 'spawn');
    const release = guard.protect({ pid: spawned.pid ?? 0, stage: 1, signal: 'SIGTERM', graceMs: stopMs });
    spawned.once('exit', release);
    const child = new Child(name, spawned);
    const { url } = (await child.#nextMessage('ready')) as { url?: unknown };
    if (typeof url === 'string') child.#url = url;
    return child;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Where it serves. */
  get url(): string {
    return this.#url;
  }

  /** Sends a question and waits for its `{ type: 'answer', answer }`. One at a time. */
  async ask(question: unknown): Promise<unknown> {
    const answered = this.#nextMessage('answer');
    this.#process.send({ type: 'question', question });
    return ((await answered) as { answer?: unknown }).answer;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), stopMs);
    await ended;
    clearTimeout(timer);
  }

  #nextMessage(type: 'ready' | 'answer'): Promise<object> {
    return new Promise((resolve, reject) => {
      const onMessage = (message: unknown) => {
        if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== type) return;
        forget();
        resolve(message);
      };
      const onExit = (code: number | null, signal: string | null) => {
        forget();
        reject(new Error(`${this.#name} ended (${signal ?? `exit code ${code}`}). It said:\n${this.#output.trim()}`));
      };
      const forget = () => this.#process.off('message', onMessage).off('exit', onExit);
      this.#process.on('message', onMessage).on('exit', onExit);
    });
  }
}
