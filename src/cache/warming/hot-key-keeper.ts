// Keeps the list of hot keys over restarts: what a process counted is added to the shared list while it runs and when it
// ends, and a process that starts loads what is wanted most before it is ready.
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { orWarn } from '../../platform/logging.js';
import { Repeating } from '../../platform/repeating.js';
import type { TieredCache } from '../tiered-cache.js';
import type { Popularity } from './popularity.js';

export interface HotKeyKeeperOptions {
  /** How long a start may take for warming; 0: it does not warm. */
  readonly startMs: number;
}

const PUBLISH_EVERY_MS = 10_000;
const RESTORED_KEYS = 500;

export class HotKeyKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly publishing: Repeating;

  constructor(
    private readonly cache: TieredCache,
    private readonly popularity: Popularity,
    private readonly logger: Logger,
    private readonly options: HotKeyKeeperOptions,
  ) {
    const publish = () => popularity.publish();
    this.publishing = new Repeating(PUBLISH_EVERY_MS, publish, 'accesses could not be added to the hot keys', logger);
  }

  /** By now every feature has registered its categories, and no request has come yet. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.options.startMs > 0) await this.restore(AbortSignal.timeout(this.options.startMs));
    this.publishing.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.publishing.stop();
    await this.publishing.now();
    await orWarn(this.logger, this.popularity.record(), 'the hot keys could not be recorded');
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
}
