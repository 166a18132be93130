import { setTimeout as sleep } from 'node:timers/promises';
import type { Application, ApplicationEnd } from './application.ts';
import { provenAfterMs, restartDelayMs } from './restart-delay.ts';
import { say } from './say.ts';

export interface LoopOptions {
  application: Application;
  /** Wait for a change instead of ending when the application refuses to start. */
  watch: boolean;
  /** Resolves when everything the application talks to is running. */
  untilServersAreUp: () => Promise<void>;
  onStarted: () => void;
  onReady: (url: string | undefined) => void;
}

/** Keeps the application running: restarts it when it crashes, and when its sources have changed. */
export class ApplicationLoop {
  readonly #options: LoopOptions;
  readonly #stopping = new AbortController();
  #failures = 0;
  #isRestarting = false;
  #changed = Promise.withResolvers<void>();

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** @returns the exit code, when it has been stopped (0) or cannot run (1) */
  async run(): Promise<number> {
    const { application, onStarted, onReady, untilServersAreUp } = this.#options;
    for (;;) {
      await untilServersAreUp();
      if (this.#stopping.signal.aborted) return 0;
      this.#isRestarting = false;
      const startedAtMs = Date.now();
      const end = await application.run(onStarted, onReady);
      if (this.#stopping.signal.aborted) return 0;
      if (this.#isRestarting) continue;
      if (Date.now() - startedAtMs > provenAfterMs) this.#failures = 0;
      if (!(await this.#mayRunAgain(end))) return 1;
    }
  }

  /** Starts it anew, from what is in `dist/` now. */
  async restart(): Promise<void> {
    this.#failures = 0;
    this.#isRestarting = true;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
    await this.#options.application.stop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#changed.resolve();
    await this.#options.application.stop();
  }

  async #mayRunAgain(end: ApplicationEnd): Promise<boolean> {
    if (end.isRefusal) {
      if (!this.#options.watch) return false;
      say('The application did not start. It is tried again when a source file changes.');
      await this.#changed.promise;
      return true;
    }
    const delayMs = restartDelayMs(++this.#failures);
    if (delayMs === undefined) {
      say(`The application ended again and again (${end.how}); giving up.`);
      return false;
    }
    say(`The application ended unexpectedly (${end.how}); starting it again in ${delayMs / 1000} s.`);
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    return true;
  }
}
