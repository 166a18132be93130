// Keeps the list of hot keys over restarts: what a process counted is added to the shared list while it runs and when it
// ends, and a process that starts loads what is wanted most before it is ready.
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import type { TieredCache } from '../tiered-cache.js';
import type { Popularity } from './popularity.js';

export interface HotKeyKeeperOptions {
  /** How long a start may take for warming; 0: it does not warm. */
  readonly startMs: number;
}

const PUBLISH_EVERY_MS = 10_000;
const RESTORED_KEYS = 500;

export class HotKeyKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private publishing: Promise<void> = Promise.resolve();
  private hasFailed = false;

  constructor(
    private readonly cache: TieredCache,
    private readonly popularity: Popularity,
    private readonly logger: Logger,
    private readonly options: HotKeyKeeperOptions,
  ) {}

  /** By now every feature has registered its categories, and no request has come yet. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.options.startMs > 0) await this.restore(AbortSignal.timeout(this.options.startMs));
    this.timer = setInterval(() => void this.publish(), PUBLISH_EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.publish();
    await this.popularity.record().catch((error: unknown) => this.warn(error, 'the hot keys could not be recorded'));
  }

  private publish(): Promise<void> {
    this.publishing = this.publishing
      .then(() => this.popularity.publish())
      .then(
        () => {
          this.hasFailed = false;
        },
        (error: unknown) => {
          // Once, until it works again: redis may be out for long.
          if (!this.hasFailed) this.warn(error, 'accesses could not be added to the hot keys');
          this.hasFailed = true;
        },
      );
    return this.publishing;
  }

  /** Loads what is wanted most into memory until the time is up; whatever fails, the process starts. */
  private async restore(signal: AbortSignal): Promise<void> {
    const startedAtMs = performance.now();
    const timeUp = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    let warmed = 0;
    const warmEach = this.cache.registered.map(async (category) => {
      const keys = await this.popularity.top(category.name, RESTORED_KEYS);
      const { done, failed } = await category.warm(keys, { signal });
      warmed += done - failed;
    });
    await Promise.race([Promise.allSettled(warmEach), timeUp]);
    if (warmed === 0) return;
    const tookMs = Math.round(performance.now() - startedAtMs);
    this.logger.info({ keys: warmed, tookMs, timeUp: signal.aborted }, 'the cache was warmed with its hot keys');
  }

  private warn(error: unknown, message: string): void {
    this.logger.warn({ err: error }, message);
  }
}
