import type { Logger } from 'pino';

/** Does `work` again and again, `everyMs` after it last ended. Of failures in a row the first is logged, as `failure`. */
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
      this.running = this.orWarn().finally(() => this.timer && this.start());
    }, this.everyMs);
  }

  /** Waits for the work in hand. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private async orWarn(): Promise<void> {
    try {
      await this.work();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn({ err: error }, this.failure);
      this.failing = true;
    }
  }
}
