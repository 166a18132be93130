import { Inject, Injectable } from '@nestjs/common';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { unavailable } from '../../platform/errors.js';
import { TokenBucket } from '../../platform/token-bucket.js';

/** How many may queue for each place: enough to smooth a burst, too few for a queue that nobody would wait out. */
const QUEUE_PER_PLACE = 8;
const RETRY_AFTER_S = 2;

/**
 * Limits what PostgreSQL does while it stands in for Redis: holds at once, and holds in a second. A buyer beyond that is
 * told when to try again, and everybody else's pages stay fast.
 */
@Injectable()
export class StandbyGate {
  private readonly places;
  private readonly bucket: TokenBucket;

  constructor(
    @Inject(CONFIG) config: Pick<Config, 'STANDBY_HOLDS_AT_ONCE' | 'STANDBY_HOLDS_PER_S'>,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const { STANDBY_HOLDS_AT_ONCE: atOnce } = config;
    this.places = bulkhead(atOnce, atOnce * QUEUE_PER_PLACE);
    this.bucket = new TokenBucket(config.STANDBY_HOLDS_PER_S, clock.nowMs());
  }

  /** @throws AppError `unavailable` with the time after which to try again */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.bucket.take(this.clock.nowMs()) > 0) throw tooMany();
    try {
      return await this.places.execute(work);
    } catch (error) {
      if (error instanceof BulkheadRejectedError) throw tooMany();
      throw error;
    }
  }
}

const tooMany = () => unavailable('The store of stock holds', RETRY_AFTER_S);
