// The controls are kept in PostgreSQL, because they are needed most when Redis is in trouble. Every process reads them each
// second, so the last one follows after at most a second and a query.
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Repeating } from '../../platform/repeating.js';
import { type CategoryName, cachePolicy } from '../cache-policy.js';
import type { CacheControlsRepository, ControlsRow } from './cache-controls.repository.js';
import { type CategoryControls, type ControlsChange, defaultControls, sameControls } from './category-controls.js';

/** The operator's controls of a category, and when they were changed last. */
export interface StoredControls extends CategoryControls {
  /** Null when nobody has ever changed them. */
  readonly changedAt: Date | null;
}

/** Puts the controls of a category in force in this process. */
export type ApplyControls = (category: CategoryName, controls: CategoryControls) => void;

/** How often each process reads the controls (ms). */
export const CONTROLS_POLL_MS = 1_000;

const NAMES = Object.keys(cachePolicy) as CategoryName[];

/** The operator's controls: stored in PostgreSQL, in force in every process within `CONTROLS_POLL_MS` and a query. */
export class CacheControls implements OnModuleInit, BeforeApplicationShutdown {
  private stored = new Map<string, ControlsRow>();
  private readonly following: Repeating;

  constructor(
    private readonly repository: CacheControlsRepository,
    private readonly apply: ApplyControls,
    private readonly logger: Logger,
  ) {
    const follow = async () => this.take(await repository.all());
    this.following = new Repeating(CONTROLS_POLL_MS, follow, 'the controls of the cache cannot be read', logger);
  }

  /** Applies the stored controls, then follows changes. If PostgreSQL does not answer, everything stays as it is. */
  async onModuleInit(): Promise<void> {
    await this.following.now();
    this.following.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.following.stop();
  }

  /** The controls of every category as this process last read them. */
  get all(): Record<CategoryName, StoredControls> {
    const entries = NAMES.map((name) => [name, this.of(name)]);
    return Object.fromEntries(entries);
  }

  /** Changes some controls of a category; in this process they are in force when it resolves. */
  async change(category: CategoryName, change: ControlsChange, requestId: string): Promise<StoredControls> {
    const before = this.of(category);
    const row = await this.repository.change(category, change);
    this.logger.warn({ category, change, before, requestId }, 'an operator changed the controls of a cache category');
    this.take([row]);
    return this.of(category);
  }

  private of(category: CategoryName): StoredControls {
    const row = this.stored.get(category);
    if (!row) return { ...defaultControls, changedAt: null };
    const { memory, redis, serveStaleMs, redisWriteShare, changedAt } = row;
    return { memory, redis, serveStaleMs, redisWriteShare, changedAt };
  }

  /** Skips rows older than the known ones: they were read before a change by this process. */
  private take(rows: readonly ControlsRow[]): void {
    for (const row of rows) {
      const name = NAMES.find((known) => known === row.category);
      const known = this.stored.get(row.category);
      if (!name || (known && known.changedAt > row.changedAt)) continue;
      const before = this.of(name);
      this.stored.set(name, row);
      if (sameControls(before, row)) continue;
      this.apply(name, this.of(name));
      this.logger.info({ category: name, controls: this.of(name) }, 'controls of a cache category are in force');
    }
  }
}
