// Compares what the tiers would serve with what the origin has. A write may be under way between the two looks, so a
// difference counts only when the very same copy is still served after longer than any invalidation takes, and the origin
// still has something else. It is then logged, counted, and the key is made void.
import { setTimeout as sleep } from 'node:timers/promises';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { Repeating } from '../../platform/repeating.js';
import type { TieredCache } from '../tiered-cache.js';
import { type AuditedCopy, copiesOf, isStillServed } from './audit-copies.js';

export interface AuditOptions {
  /** How often each process audits itself (ms); 0: only when it is asked to. */
  readonly everyMs: number;
  /** Least time between two audits, whoever asks for them: it bounds their load on the origin. */
  readonly atLeastApartMs: number;
  /** Waits before a difference is checked again: longer than the stale bound, then than a slow outbox. */
  readonly recheckAfterMs: readonly number[];
}

export const defaultAuditOptions: AuditOptions = {
  everyMs: 60_000,
  atLeastApartMs: 10_000,
  recheckAfterMs: [2_500, 7_500],
};

/** How many copies were compared, how many were wrong, and how many only raced with a write. */
export interface AuditReport {
  /** Why nothing was audited. */
  readonly skipped?: string;
  readonly audited: number;
  readonly differences: number;
  readonly raced: number;
}

const skip = (skipped: string): AuditReport => ({ skipped, audited: 0, differences: 0, raced: 0 });

/** Audits the copies of this process and those in redis, from time to time and when it is asked to. */
export class CacheAuditor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly repeating: Repeating;
  private running: Promise<AuditReport> | undefined;
  private notBeforeMs = 0;

  constructor(
    private readonly cache: TieredCache,
    private readonly logger: Logger,
    private readonly options: AuditOptions,
  ) {
    this.repeating = new Repeating(options.everyMs, () => this.audit(), 'the cache was not audited', logger);
  }

  onApplicationBootstrap(): void {
    if (this.options.everyMs > 0) this.repeating.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.repeating.stop();
    await this.running?.catch(() => {});
  }

  /** Audits some entries, at most about twenty of a category. Too soon after the last audit it does nothing and says so. */
  audit(): Promise<AuditReport> {
    if (this.running) return this.running;
    const nowMs = performance.now();
    if (nowMs < this.notBeforeMs) {
      const waitS = Math.ceil((this.notBeforeMs - nowMs) / 1_000);
      return Promise.resolve(skip(`This process has just audited its copies. Ask again in ${waitS} s.`));
    }
    if (!this.cache.isCurrent) {
      return Promise.resolve(
        skip('This process has not heard of invalidations for a second; its copies cannot be judged now.'),
      );
    }
    this.notBeforeMs = nowMs + this.options.atLeastApartMs;
    this.running = this.carryOut().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async carryOut(): Promise<AuditReport> {
    let audited = 0;
    let suspects: AuditedCopy[] = [];
    for (const [category, keys] of await this.cache.drawAuditKeys()) {
      const copies = await copiesOf(category, keys, this.cache.nowMs);
      const differing = await this.differing(copies);
      audited += copies.length;
      category.insight.audit.agreed += copies.length - differing.length;
      suspects.push(...differing);
    }
    const suspected = suspects.length;
    for (const afterMs of this.options.recheckAfterMs) {
      if (suspects.length === 0 || this.stopping.signal.aborted) break;
      await sleep(afterMs, undefined, { signal: this.stopping.signal }).catch(() => {});
      suspects = await this.stillDiffering(suspects);
    }
    if (this.stopping.signal.aborted) return skip('The process is being stopped.');
    for (const copy of suspects) await this.report(copy);
    return { audited, differences: suspects.length, raced: suspected - suspects.length };
  }

  /** The copies that differ from the origin; all are of one category. */
  private async differing(copies: readonly AuditedCopy[]): Promise<AuditedCopy[]> {
    const [first] = copies;
    if (!first) return [];
    const etags = await first.category.copies.originEtags([...new Set(copies.map(({ key }) => key))]);
    return copies.filter(({ key, etag }) => etags.get(key) !== etag);
  }

  private async stillDiffering(suspects: readonly AuditedCopy[]): Promise<AuditedCopy[]> {
    const still: AuditedCopy[] = [];
    for (const copies of Map.groupBy(suspects, ({ category }) => category).values()) {
      const served = await Promise.all(copies.map((copy) => isStillServed(copy, this.cache.nowMs)));
      const differing = await this.differing(copies.filter((_copy, i) => served[i]));
      still.push(...differing);
      for (const { category } of copies.slice(differing.length)) category.insight.audit.raced++;
    }
    return still;
  }

  private async report({ category, key, tier, etag, storedAtMs }: AuditedCopy): Promise<void> {
    const storedAt = new Date(storedAtMs).toISOString();
    this.logger.error(
      { category: category.name, key, tier, etag, storedAt },
      'a cached entry is not what the origin has',
    );
    category.insight.audit.differed++;
    category.insight.audit.lastDifferenceAtMs = this.cache.nowMs;
    await category.invalidate([key]);
  }
}
