import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { LOWEST_ID } from '../../platform/ids.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import { CheckoutSessionCopies } from './checkout-session-copies.store.js';
import { CheckoutSessionsRepository } from './checkout-sessions.repository.js';

/** Redis serves nobody else while it writes a batch. */
const BATCH = 100;
/** A move is durable before its copy is written, so the first one without a copy may be older than the first failure. */
const MARGIN_MS = 20_000;

/** Writes the copies that were missed while Redis was away, before they are read again. */
@Injectable()
export class RewriteMissedCopies implements OnModuleInit {
  constructor(
    @Inject(RedisLayers) private readonly layers: RedisLayers,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
    @Inject(CheckoutSessionCopies) private readonly copies: CheckoutSessionCopies,
  ) {}

  onModuleInit(): void {
    this.layers.watch('operational').beforeReturn((outForMs) => this.rewrite(outForMs + MARGIN_MS));
  }

  private async rewrite(sinceMs: number): Promise<void> {
    let after = LOWEST_ID;
    for (;;) {
      const changed = await this.sessions.changedLately(sinceMs, after, BATCH);
      const last = changed.at(-1);
      if (!last) return;
      await this.copies.writeNow(changed);
      after = last.id;
    }
  }
}
