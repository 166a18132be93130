import type { Logger } from 'pino';

/**
 * Runs `work` again and again, `everyMs` after it last ended. Logs the first of failures in a row, as `failure`. Does not
 * keep the process alive.
 */
export class Repeating {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(
    private readonly everyMs: number,
    private readonly work: () => Promise<unknown>,
    private readonly failure: string,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.now().finally(() => this.timer && this.start());
    }, this.everyMs).unref();
  }

  /** Waits for the work in hand. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  /** Runs it once now, whatever the timer does. A failure counts as any other. */
  async now(): Promise<void> {
    try {
      await this.work();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn({ err: error }, this.failure);
      this.failing = true;
    }
  }
}
