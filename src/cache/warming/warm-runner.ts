import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaderLock, Leadership } from '../locks/leader-lock.js';
import type { TieredCache } from '../tiered-cache.js';
import { batchesFrom, type WarmStep } from './warm-plan.js';
import type { WarmUpRow, WarmUpsRepository } from './warm-ups.repository.js';

export interface WarmPace {
  readonly keysPerS: number;
  readonly batch: number;
}

export const defaultWarmPace: WarmPace = { keysPerS: 2_000, batch: 100 };

/** Carries out a warm-up as leader for its category and source, from its stored position. */
export class WarmRunner {
  constructor(
    private readonly cache: TieredCache,
    private readonly repository: WarmUpsRepository,
    private readonly leaderLock: LeaderLock,
    private readonly pace: WarmPace,
  ) {}

  /**
   * Returns when it has ended, or when it is not for this process: stopped, or somebody else leads.
   * @param lockMs how long the lock outlives this process
   */
  async run({ id, category, source }: WarmUpRow, lockMs: number, stopping: AbortSignal): Promise<void> {
    await this.leaderLock.runIfLeader(`warm:${category}:${source}`, lockMs, (leadership) =>
      this.lead(id, leadership, stopping),
    );
  }

  private async lead(id: string, { fence, signal }: Leadership, stopping: AbortSignal): Promise<void> {
    const taken = await this.repository.take(id, fence);
    if (!taken) return;
    try {
      const ended = await this.warm(taken, fence, AbortSignal.any([signal, stopping]));
      if (ended) await this.repository.end(id, fence, ended.state, ended.error);
    } catch (error) {
      await this.repository.end(id, fence, 'failed', error instanceof Error ? error.message : String(error));
    }
  }

  private async warm({ id, plan, total, source, ...start }: WarmUpRow, fence: number, signal: AbortSignal) {
    let { done, failed } = start;
    for (const step of batchesFrom(plan, done, this.pace.batch)) {
      const dueAtMs = performance.now() + (step.keys.length / this.pace.keysPerS) * 1_000;
      failed += await this.warmBatch(step, source === 'expiring');
      done += step.keys.length;
      if (!(await this.repository.advance(id, { done, failed, fence }))) return undefined;
      await sleep(Math.max(0, dueAtMs - performance.now()), undefined, { signal }).catch(() => {});
      if (signal.aborted) return undefined;
    }
    if (total > 0 && failed === total) return { state: 'failed', error: 'no key could be loaded' } as const;
    return { state: 'done', error: null } as const;
  }

  /** @returns how many keys could not be loaded. */
  private async warmBatch({ category, keys }: WarmStep, refresh: boolean): Promise<number> {
    const found = this.cache.category(category);
    return found ? (await found.warm(keys, { refresh })).failed : keys.length;
  }
}
