import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard } from './guard.ts';
import { openLog } from './server-log.ts';

/** What differs between PostgreSQL and Redis. */
export interface ServerKind {
  /** As it is named to people: `redis (session)`. */
  readonly name: string;
  readonly logFile: string;
  /** How it is stopped, and when in the order of all (see `Guard`). */
  readonly stop: { stage: number; signal: NodeJS.Signals; graceMs: number };
  /** Everything before the process: directories, settings, a new cluster. Called before each start. */
  prepare(): Promise<ServerCommand>;
  /** Whether this very process answers by now. */
  isReady(pid: number): Promise<boolean>;
}

interface ServerCommand {
  file: string;
  args: string[];
  /** Another user to run as; only root can ask for it. */
  owner?: { uid: number; gid: number } | undefined;
}

interface Running {
  child: ChildProcess;
  /** Resolves with how it ended. */
  ended: Promise<string>;
}

const readyTimeoutMs = 30_000;
const readyPollMs = 15;
const logTailLines = 12;

/** One server process: started until it answers, stopped in order, or killed and frozen by a test. */
export class Server {
  readonly #kind: ServerKind;
  readonly #guard: Guard;
  #running: Running | undefined;
  #spawning: Promise<void> | undefined;
  #isStopping = false;

  constructor(kind: ServerKind, guard: Guard) {
    this.#kind = kind;
    this.#guard = guard;
  }

  get name(): string {
    return this.#kind.name;
  }

  /** `undefined` while it is not running. */
  get pid(): number | undefined {
    const child = this.#running?.child;
    return child && child.exitCode === null && child.signalCode === null ? child.pid : undefined;
  }

  /** Resolves with how the current process ended, once it has. */
  get ended(): Promise<string> {
    return this.#running?.ended ?? Promise.resolve('it was not running');
  }

  /** Starts the process and waits until it answers. Throws, with the end of its log, when it does not. */
  async start(): Promise<void> {
    this.#isStopping = false;
    this.#spawning = this.#spawn();
    await this.#spawning;

    const deadline = Date.now() + readyTimeoutMs;
    for (;;) {
      if (this.pid === undefined) throw await this.#failure(`ended while starting (${await this.ended})`);
      if (await this.#kind.isReady(this.pid)) return;
      if (Date.now() > deadline) {
        await this.stop();
        throw await this.#failure(`did not answer within ${readyTimeoutMs / 1000} s`);
      }
      await sleep(readyPollMs);
    }
  }

  /** Asks it to end, waits, and kills it when it takes longer than its grace. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#spawning?.catch(() => undefined); // whoever started it is told
    if (this.pid === undefined) return;
    const { signal, graceMs } = this.#kind.stop;
    this.signal(signal);
    this.signal('SIGCONT'); // a frozen process would not hear the first signal
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.#untilEnded();
    clearTimeout(timer);
  }

  /** Ends it as a crash would; resolves when it is gone. */
  async kill9(): Promise<void> {
    this.signal('SIGKILL');
    await this.#untilEnded();
  }

  /** Sends a signal; does nothing when the process is not running. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid !== undefined) process.kill(this.pid, signal);
  }

  async #spawn(): Promise<void> {
    const { file, args, owner } = await this.#kind.prepare();
    if (this.#isStopping) throw new Error(`${this.name} was stopped while it started.`);
    const log = await openLog(this.#kind.logFile);
    try {
      // A session of its own: Ctrl-C reaches the whole foreground group, and servers must outlive the application.
      const child = spawn(file, args, { ...owner, cwd: '/', detached: true, stdio: ['ignore', log.fd, log.fd] });
      const ended = new Promise<string>((resolve) => {
        child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      });
      await once(child, 'spawn');
      child.unref();
      const release = this.#guard.protect({ pid: child.pid ?? 0, ...this.#kind.stop });
      void ended.then(release);
      this.#running = { child, ended };
    } catch (error) {
      throw new Error(`${this.name} could not be started: ${error instanceof Error ? error.message : error}`);
    } finally {
      await log.close();
    }
  }

  /** A running server does not keep this process alive, but waiting for its end does. */
  async #untilEnded(): Promise<void> {
    this.#running?.child.ref();
    await this.ended;
  }

  async #failure(what: string): Promise<Error> {
    const log = await readFile(this.#kind.logFile, 'utf8').catch(() => '');
    const tail = log.trimEnd().split('\n').slice(-logTailLines).join('\n  ');
    return new Error(`${this.name} ${what}. The end of its log, ${this.#kind.logFile}:\n  ${tail}`);
  }
}
