import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import { keyspace } from '../../platform/keyspace.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import { bySlot } from '../../platform/redis/by-slot.js';
import type { LayerWatch } from '../../platform/redis/layer-watch.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import { ServerRun } from '../../platform/redis/server-run.js';
import { shapeOf } from '../../platform/schema-shape.js';
import { type CheckoutSession, checkoutSession, textOf } from './checkout-session.js';
import { transitionState } from './checkout-session.scripts.js';

const shape = shapeOf(checkoutSession);

/** Copies of checkout sessions in the operational layer, for readers. */
@Injectable()
export class CheckoutSessionCopies {
  private readonly run: ServerRun;
  private readonly layer: LayerWatch;
  /** Sessions are moved in batches, so many copies are due at the same moment. */
  private readonly writes = new MicroBatch<CheckoutSession, unknown>((sessions) => this.writeTogether(sessions), {
    maxItems: 32,
    maxInFlight: 64,
    mayBeOfOne: (error) => !(error instanceof AppError),
  });

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RedisLayers) private readonly redis: RedisLayers,
  ) {
    this.run = new ServerRun(redis, 'operational');
    this.layer = redis.watch('operational');
  }

  /** The copy; undefined when there is none, Redis is away or was restarted since, or another release wrote it. */
  async find(id: string): Promise<CheckoutSession | undefined> {
    const source = this.source;
    if (source === undefined) return undefined;
    return this.layer.orElse(
      async () => {
        const key = keyspace.operational.checkout(id);
        const [document, writtenBy] = await this.redis.client('operational').hmget(key, 'document', 'source');
        // Another server than the expected one may have answered.
        const isBelieved = writtenBy === source && source === this.source;
        return document && isBelieved ? (JSON.parse(document) as CheckoutSession) : undefined;
      },
      async () => undefined,
    );
  }

  /** Writes the copy unless a newer one is there. While Redis is away nothing is written: see RewriteMissedCopies. */
  async write(session: CheckoutSession): Promise<void> {
    await this.writes.add(session);
  }

  /** The same for several, even while Redis is not in use. @throws when it is away */
  writeNow(sessions: readonly CheckoutSession[]): Promise<readonly unknown[]> {
    const client = this.redis.client('operational');
    const common = [this.source ?? '', this.config.CHECKOUT_TTL_S * 1_000];
    return bySlot(client, sessions, (some) =>
      runLua(
        client,
        transitionState,
        some.map(({ id }) => keyspace.operational.checkout(id)),
        [...common, ...some.flatMap((session) => [session.version, session.state, textOf(session)])],
      ),
    );
  }

  private writeTogether(sessions: readonly CheckoutSession[]): Promise<readonly unknown[]> {
    return this.layer.orElse(
      () => this.writeNow(sessions),
      async () => sessions,
    );
  }

  /** The source that a copy must have to be read: this run of the server, and a release with sessions of our shape. */
  private get source(): string | undefined {
    return this.run.id && `${this.run.id}.${shape}`;
  }
}
