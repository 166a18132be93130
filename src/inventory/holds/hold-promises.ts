import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOWEST_ID } from '../../platform/ids.js';
import { LOGGER } from '../../platform/logging.js';
import { isRedisDown } from '../../platform/redis/redis-down.js';
import { type StockLine, toHoldLines } from './hold-lines.js';
import { RedisHolds } from './redis-holds.service.js';

const PAGE = 100;

/** A hold that must exist while a customer pays, whatever Redis has lost. */
export interface HoldPromise {
  readonly holdId: string;
  readonly lines: readonly StockLine[];
  /** How long it lives from now. */
  readonly ttlMs: number;
}

/** Reads at most `limit` promises with hold ids after `afterHoldId`, in the order of these ids. */
export type ReadPromises = (afterHoldId: string, limit: number) => Promise<readonly HoldPromise[]>;

/**
 * The holds that must survive a loss of Redis. Inventory knows of no checkout: a feature that takes money for held goods
 * registers here, and after Redis has lost its data these holds are taken again, before others if possible.
 */
@Injectable()
export class HoldPromises {
  private readonly readers: ReadPromises[] = [];

  constructor(
    @Inject(RedisHolds) private readonly redis: RedisHolds,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  register(read: ReadPromises): void {
    this.readers.push(read);
  }

  /** Brings all of them to Redis; a hold that is there never ends earlier. @returns how many. @throws when Redis is away */
  async restore(): Promise<number> {
    let restored = 0;
    for (const read of this.readers) {
      let page = await read(LOWEST_ID, PAGE);
      while (page.length > 0) {
        const done = await Promise.all(page.map((promise) => this.restoreOne(promise)));
        restored += done.filter(Boolean).length;
        page = await read(page.at(-1)?.holdId ?? LOWEST_ID, PAGE);
      }
    }
    return restored;
  }

  /** One hold that cannot be restored must not stop the others. */
  private async restoreOne({ holdId, lines, ttlMs }: HoldPromise): Promise<boolean> {
    try {
      const outcome = await this.redis.restore({ holdId, lines: toHoldLines(lines), ttlMs, spanMs: ttlMs });
      return outcome === 'restored';
    } catch (error) {
      if (isRedisDown(error)) throw error;
      this.logger.error({ err: error, holdId }, 'a hold that was promised could not be restored');
      return false;
    }
  }
}
