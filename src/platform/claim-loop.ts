import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const POLL_MS = 200;
/** When a batch takes longer, because something hangs, the next one begins beside it. */
const PATIENCE_MS = 100;
const MAX_IN_FLIGHT = 16;

/**
 * Works off a queue kept in PostgreSQL: at once while there is something due, when it is nudged, and at each poll. While a
 * batch is quick the next one waits for it and grows meanwhile.
 */
export class ClaimLoop<E> {
  private running = false;
  private nudged = false;
  private failing = false;
  private loop: Promise<void> = Promise.resolve();
  private readonly inFlight = new Set<Promise<void>>();
  private wake: () => void = () => {};

  /** @param queue its name in the log; `claim` takes what is due */
  constructor(
    private readonly queue: string,
    private readonly claim: () => Promise<readonly E[]>,
    private readonly work: (items: readonly E[]) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.loop = this.run();
  }

  /** Waits for the batches in hand. */
  async stop(): Promise<void> {
    this.running = false;
    this.wake();
    await this.loop;
    await Promise.all(this.inFlight);
  }

  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  private async run(): Promise<void> {
    while (this.running) {
      // All that was nudged for in one turn of the event loop is claimed together.
      await nextTurn();
      this.nudged = false;
      const items = await this.orWarn(this.claim(), []);
      if (items.length > 0) await this.workPatiently(items);
      else if (!this.nudged && this.running) await this.pause();
    }
  }

  private async workPatiently(items: readonly E[]): Promise<void> {
    const batch = this.orWarn(this.work(items), undefined).finally(() => this.inFlight.delete(batch));
    this.inFlight.add(batch);
    const patience = new AbortController();
    await Promise.race([batch, sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    if (this.inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.inFlight);
  }

  private async orWarn<R>(step: Promise<R>, otherwise: R): Promise<R> {
    try {
      const result = await step;
      this.failing = false;
      return result;
    } catch (error) {
      if (!this.failing)
        this.logger.warn({ err: error }, `the ${this.queue} cannot be worked off; trying again and again`);
      this.failing = true;
      return otherwise;
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
