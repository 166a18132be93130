import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';

/** How one process is stopped. Lower stages are stopped first: the application before the servers it writes to. */
export interface Protected {
  pid: number;
  stage: number;
  signal: NodeJS.Signals;
  graceMs: number;
}

/**
 * Stops the servers this process started, should it die without doing so itself (see `guard.sh`).
 * A guard that is killed is replaced at once, so that one `kill -9` never leaves servers behind.
 */
export class Guard {
  readonly #directories: readonly string[];
  readonly #protected = new Set<Protected>();
  #shell: ChildProcess;
  #closed = false;

  /** @param directories deleted when everything has been stopped, by `close` as well as after a death */
  constructor(directories: readonly string[] = []) {
    this.#directories = directories;
    this.#shell = this.#spawn();
  }

  /** Adds a process to the plan; call the result to remove it once it has ended. */
  protect(target: Protected): () => void {
    this.#protected.add(target);
    this.#sendPlan();
    return () => {
      if (this.#protected.delete(target)) this.#sendPlan();
    };
  }

  /** Ends the guard; its directories are deleted. Everything must have been stopped before. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const ended = once(this.#shell, 'exit');
    this.#shell.ref();
    this.#shell.stdin?.end('\n');
    await ended;
  }

  #spawn(): ChildProcess {
    const shell = spawn('/bin/sh', [join(import.meta.dirname, 'guard.sh'), ...this.#directories], {
      // Its own session: a Ctrl-C in the terminal must not end it before those it guards.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Neither the shell nor its input keeps this process alive.
    shell.unref();
    (shell.stdin as Socket).unref();
    shell.stdin?.on('error', () => undefined);
    shell.once('exit', () => {
      if (this.#closed) return;
      this.#shell = this.#spawn();
      this.#sendPlan();
    });
    return shell;
  }

  #sendPlan(): void {
    this.#shell.stdin?.write(`${planOf([...this.#protected])}\n`);
  }
}

/** The plan as `guard.sh` reads it: one stage per number, with the first signal and the longest grace named in it. */
export function planOf(targets: readonly Protected[]): string {
  const stages = Map.groupBy(targets, (target) => target.stage);
  return [...stages.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, members]) => {
      const seconds = Math.ceil(Math.max(...members.map((member) => member.graceMs)) / 1000);
      return `${members[0]?.signal.replace('SIG', '')}:${seconds}:${members.map((member) => member.pid).join(',')}`;
    })
    .join(' ');
}
