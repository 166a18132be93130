import type { Logger } from 'pino';

/** Repeats a delivery: at once while there is something to deliver, when it is nudged, and at each poll. */
export class RelayLane {
  private running = false;
  private nudged = false;
  private failing = false;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => {};

  /** @param deliver delivers what is due and tells how much that was */
  constructor(
    private readonly deliver: () => Promise<number>,
    private readonly pollMs: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.loop = this.run();
  }

  /** Waits for the delivery in hand. */
  async stop(): Promise<void> {
    this.running = false;
    this.wake();
    await this.loop;
  }

  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  private async run(): Promise<void> {
    while (this.running) {
      this.nudged = false;
      const delivered = await this.deliverOrWarn();
      if (delivered === 0 && !this.nudged && this.running) await this.pause();
    }
  }

  private async deliverOrWarn(): Promise<number> {
    try {
      const delivered = await this.deliver();
      this.failing = false;
      return delivered;
    } catch (error) {
      if (!this.failing) this.logger.warn({ err: error }, 'the outbox cannot be read; trying again and again');
      this.failing = true;
      return 0;
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.pollMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
