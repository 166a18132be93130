// Brings to Redis what became of holds while it was away. Several processes may do this at once, and one of them may not
// see Redis while others do: each step can be repeated, since a hold id is held once and resolves once, and a hold that has
// changed since it was read waits for the next round.
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOWEST_ID } from '../../platform/ids.js';
import { LOGGER } from '../../platform/logging.js';
import { isRedisDown } from '../../platform/redis/redis-down.js';
import { toHoldLines } from '../holds/hold-lines.js';
import { RedisHolds } from '../holds/redis-holds.service.js';
import { InventoryMetrics } from '../metrics/inventory-metrics.js';
import { HoldHandoverRepository, type WaitingHold } from './hold-handover.repository.js';

const BATCH = 100;

@Injectable()
export class HoldHandover {
  private someLive = false;

  constructor(
    @Inject(HoldHandoverRepository) private readonly repository: HoldHandoverRepository,
    @Inject(RedisHolds) private readonly redis: RedisHolds,
    @Inject(InventoryMetrics) private readonly metrics: InventoryMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Hands over what waits now. @returns how many holds Redis has heard of. @throws when Redis cannot be reached */
  async run(): Promise<number> {
    let handedOver = 0;
    let after = LOWEST_ID;
    for (;;) {
      const waiting = await this.repository.waiting(after, BATCH);
      const last = waiting.at(-1);
      if (!last) return handedOver;
      const done = await Promise.all(waiting.map((hold) => this.handOver(hold)));
      for (const outcome of done) this.metrics.handovers.inc({ outcome });
      const gone = waiting.filter((_, i) => done[i] === 'gone');
      if (gone.length > 0) await this.repository.close(gone);
      const heard = waiting.filter((_, i) => done[i] !== 'failed');
      await this.repository.markDone(heard);
      handedOver += heard.length;
      after = last.holdId;
    }
  }

  /** Checks whether holds count in PostgreSQL; the answer is used until the next check. */
  async look(): Promise<void> {
    this.someLive = await this.repository.anyLive();
  }

  /** A hold has ended in Redis: it must not go on counting in PostgreSQL, for a process that does not see Redis. */
  async ended(holdId: string): Promise<void> {
    if (this.someLive) await this.repository.close([{ holdId }]);
  }

  private async handOver(hold: WaitingHold): Promise<'done' | 'gone' | 'failed'> {
    try {
      return await this.inRedis(hold);
    } catch (error) {
      if (isRedisDown(error)) throw error;
      this.logger.error({ err: error, holdId: hold.holdId }, 'a hold could not be handed over to redis');
      return 'failed';
    }
  }

  private async inRedis({ holdId, state, detail, ttlMs, spanMs, lines }: WaitingHold): Promise<'done' | 'gone'> {
    if (state === 'committed') {
      await this.redis.commitOrder(detail, holdId);
      return 'done';
    }
    if (state === 'released') {
      await this.redis.release(holdId, toHoldLines(lines), detail);
      return 'done';
    }
    if (ttlMs < 1) return 'gone';
    const restored = await this.redis.restore({ holdId, lines: toHoldLines(lines), ttlMs, spanMs });
    return restored === 'restored' ? 'done' : 'gone';
  }
}
