// The cache's steps in redis go through here: each has a deadline, and when redis is out a breaker answers at once. "Down"
// is an outcome of its own, so that nobody takes it for a miss.
import { BrokenCircuitError, type CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import type { Logger } from 'pino';
import { isRedisDown } from '../../platform/redis/redis-down.js';
import type { RedisClient, RedisLayers } from '../../platform/redis/redis-layers.js';

export type Guarded<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly down: boolean };

const FAILURES_UNTIL_OPEN = 3;
const PROBE_AFTER_MS = 500;

export class RedisGuard {
  /** Steps that failed, by kind, since the start. */
  readonly failures = { down: 0, refused: 0 };
  private lastRefusal = '';
  private isOut = false;
  private readonly breaker;

  constructor(
    private readonly redis: RedisLayers,
    private readonly logger: Logger,
    private readonly deadlineMs: number,
  ) {
    this.breaker = circuitBreaker(handleWhen(isDown), {
      breaker: new ConsecutiveBreaker(FAILURES_UNTIL_OPEN),
      halfOpenAfter: PROBE_AFTER_MS,
    });
    this.breaker.onBreak(() => this.noteOut());
    this.breaker.onReset(() => {
      this.isOut = false;
      this.logger.info('the cache uses redis again');
    });
  }

  /** Each failed probe opens it again. */
  private noteOut(): void {
    if (!this.isOut) this.logger.warn('the cache goes on without redis');
    this.isOut = true;
  }

  get client(): RedisClient {
    return this.redis.client('application');
  }

  /** 0 closed, 1 open, 2 probing: as cockatiel counts. */
  get state(): CircuitState {
    return this.breaker.state;
  }

  async run<R>(work: (client: RedisClient) => Promise<R>): Promise<Guarded<R>> {
    try {
      return { ok: true, value: await this.breaker.execute(() => this.withDeadline(work(this.client))) };
    } catch (error) {
      const down = error instanceof BrokenCircuitError || isDown(error);
      this.failures[down ? 'down' : 'refused']++;
      if (!down) this.logRefusal(error);
      return { ok: false, down };
    }
  }

  /**
   * The deadline is inside the breaker: a server that hangs must open it like one that is gone. When this process itself was
   * late, the reply may be there but unread: an event loop fires timers before it reads, and immediates after.
   */
  private withDeadline<R>(work: Promise<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const timer = setTimeout(() => setImmediate(() => reject(new DeadlinePassed())), this.deadlineMs);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** The same refusal is logged once, until another one comes: it may come with every request. */
  private logRefusal(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.lastRefusal) this.logger.warn({ err: error }, 'redis refused a step of the cache');
    this.lastRefusal = message;
  }
}

class DeadlinePassed extends Error {}

function isDown(error: unknown): boolean {
  return error instanceof DeadlinePassed || isRedisDown(error);
}
