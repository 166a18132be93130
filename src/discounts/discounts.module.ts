import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { unavailable } from '../platform/errors.js';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';
import { DiscountUsagesRepository } from './discount-usages.repository.js';
import { DiscountsService } from './discounts.service.js';
import { DiscountsAdminController } from './discounts-admin.controller.js';
import { RuleSetCache } from './rule-set-cache.js';
import { RuleSetsRepository } from './rule-sets.repository.js';
import { RuleSetsService } from './rule-sets.service.js';

/** Discount rule sets, their administration, and the service that checkouts and carts use. */
@Module({
  controllers: [DiscountsAdminController],
  providers: [DiscountsService, RuleSetsService, RuleSetCache, RuleSetsRepository, DiscountUsagesRepository],
  exports: [DiscountsService],
})
export class DiscountsModule implements OnModuleInit {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(RuleSetCache) private readonly cache: RuleSetCache,
  ) {}

  onModuleInit(): void {
    // The writer has done the same at once; this is for a writer that died, and is repeated until all processes were told.
    this.relay.on('discounts.activated', 'discounts: forget the active version', async () => {
      if (!(await this.cache.forgetActive())) throw unavailable('The application layer');
    });
  }
}
