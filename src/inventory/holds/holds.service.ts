import { Inject, Injectable } from '@nestjs/common';
import type { LayerWatch } from '../../platform/redis/layer-watch.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import type { CountedStock } from '../levels/availability.policy.js';
import type { StockLevel } from '../levels/stock-level.js';
import { InventoryMetrics } from '../metrics/inventory-metrics.js';
import { HoldHandover } from '../standby/hold-handover.service.js';
import { StandbyHolds } from '../standby/standby-holds.service.js';
import type { HoldLine } from './hold-lines.js';
import { RedisHolds } from './redis-holds.service.js';
import type { CommitResult, ExtendResult, ReleaseResult, ReserveResult } from './stock-outcomes.js';

/**
 * Holds in Redis, and in PostgreSQL while Redis is away. A call that Redis did not answer is done in PostgreSQL as well,
 * under the same hold id: whichever of both takes effect, the hand-over leaves one hold.
 */
@Injectable()
export class Holds {
  private readonly layer: LayerWatch;

  constructor(
    @Inject(RedisLayers) layers: RedisLayers,
    @Inject(RedisHolds) private readonly redis: RedisHolds,
    @Inject(StandbyHolds) private readonly standby: StandbyHolds,
    @Inject(HoldHandover) private readonly handover: HoldHandover,
    @Inject(InventoryMetrics) private readonly metrics: InventoryMetrics,
  ) {
    this.layer = layers.watch('operational');
  }

  async reserve(holdId: string, lines: readonly HoldLine[], ttlMs: number): Promise<ReserveResult> {
    let outcome: ReserveResult['kind'] | 'failed' = 'failed';
    try {
      const result = await this.layer.orElse(
        () => this.redis.reserve(holdId, lines, ttlMs),
        (failure) => this.reserveInPostgres(holdId, lines, ttlMs, failure !== undefined),
      );
      outcome = result.kind;
      return result;
    } finally {
      this.metrics.reserves.inc({ outcome });
    }
  }

  extend(
    holdId: string,
    lines: readonly HoldLine[],
    options: { readonly ttlMs: number; readonly maxTotalMs: number },
  ): Promise<ExtendResult> {
    return this.layer.orElse(
      () => this.redis.extend(holdId, lines, options),
      () => this.standby.extend(holdId, lines, options),
    );
  }

  async release(holdId: string, lines: readonly HoldLine[], reason: string): Promise<ReleaseResult> {
    return this.layer.orElse(
      () => this.endIn(holdId, this.redis.release(holdId, lines, reason)),
      () => this.standby.release(holdId, lines, reason),
    );
  }

  commit(
    holdId: string,
    orderId: string,
    lines: readonly HoldLine[],
    levels: readonly StockLevel[],
  ): Promise<CommitResult> {
    return this.layer.orElse(
      () => this.endIn(holdId, this.redis.commit(holdId, orderId, lines, levels)),
      () => this.standby.commit(holdId, orderId),
    );
  }

  async commitOrder(orderId: string, holdId: string): Promise<void> {
    await this.layer.orElse(
      () => this.endIn(holdId, this.redis.commitOrder(orderId, holdId)),
      () => this.standby.commit(holdId, orderId),
    );
  }

  /** Levels with what is held of them. A variant whose stock was never reported is left out. */
  counted(variantIds: readonly string[]): Promise<ReadonlyMap<string, readonly CountedStock[]>> {
    return this.layer.orElse(
      () => this.redis.counted(variantIds),
      () => this.standby.counted(variantIds),
    );
  }

  /** A frozen Redis may still take the hold when it wakes: one that was not promised is marked as released. */
  private async reserveInPostgres(
    holdId: string,
    lines: readonly HoldLine[],
    ttlMs: number,
    wasAskedFor: boolean,
  ): Promise<ReserveResult> {
    let promised = false;
    try {
      const result = await this.standby.reserve(holdId, lines, ttlMs);
      promised = result.kind !== 'short';
      return result;
    } finally {
      if (wasAskedFor && !promised) await this.standby.release(holdId, lines, 'refused while Redis was away');
    }
  }

  private async endIn<R>(holdId: string, inRedis: Promise<R>): Promise<R> {
    const result = await inRedis;
    await this.handover.ended(holdId);
    return result;
  }
}
