// Every step in redis on the way of a read goes through here: it has a deadline, and when redis is out a breaker
// answers at once. "Down" is an outcome of its own, so that nobody takes it for a miss.
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IPolicy,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import type { Logger } from 'pino';
import { isRedisDown, type RedisClient, type RedisLayers } from '../../platform/redis/redis-layers.js';

export type Guarded<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly down: boolean };

const FAILURES_UNTIL_OPEN = 3;
const PROBE_AFTER_MS = 500;

export class RedisGuard {
  /** Steps that failed, by kind, since the start. */
  readonly failures = { down: 0, refused: 0 };
  private lastRefusal = '';
  private readonly breaker;
  private readonly policy: IPolicy;

  constructor(
    private readonly redis: RedisLayers,
    private readonly logger: Logger,
    deadlineMs: number,
  ) {
    // The time-out stands inside the breaker: a server that hangs must open it like one that is gone.
    this.breaker = circuitBreaker(handleWhen(isDown), {
      breaker: new ConsecutiveBreaker(FAILURES_UNTIL_OPEN),
      halfOpenAfter: PROBE_AFTER_MS,
    });
    this.policy = wrap(
      this.breaker,
      // Nothing listens to the signal, and aborting it makes an error each time.
      timeout(deadlineMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false }),
    );
    this.breaker.onBreak(() => this.logger.warn('the cache goes on without redis'));
    this.breaker.onReset(() => this.logger.info('the cache uses redis again'));
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
      return { ok: true, value: await this.policy.execute(() => work(this.client)) };
    } catch (error) {
      const down = error instanceof BrokenCircuitError || isDown(error);
      this.failures[down ? 'down' : 'refused']++;
      if (!down) this.logRefusal(error);
      return { ok: false, down };
    }
  }

  /** The same refusal is logged once, until another one comes: it may come with every request. */
  private logRefusal(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.lastRefusal) this.logger.warn({ err: error }, 'redis refused a step of the cache');
    this.lastRefusal = message;
  }
}

function isDown(error: unknown): boolean {
  return error instanceof TaskCancelledError || isRedisDown(error);
}
