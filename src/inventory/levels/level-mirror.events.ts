import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { LevelMirror } from './level-mirror.service.js';

/** Redis follows every change of stock that is not an order's. */
@Injectable()
export class LevelMirrorEvents implements OnModuleInit {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(LevelMirror) private readonly mirror: LevelMirror,
  ) {}

  onModuleInit(): void {
    this.relay.on('inventory.level-changed', 'mirror the level', async ({ variantIds }) => {
      await this.mirror.refresh(variantIds);
    });
  }
}
