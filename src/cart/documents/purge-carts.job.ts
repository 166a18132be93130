import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { ScheduledJobs, untilNothingIsLeft } from '../../platform/scheduled-jobs.js';
import { CartsRepository } from './carts.repository.js';

@Injectable()
export class PurgeCartsJob implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(CartsRepository) private readonly carts: CartsRepository,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'purge-carts',
      summary: 'Delete old carts of guests',
      cron: '37 3 * * *',
      run: () => untilNothingIsLeft(() => this.carts.purgeGuestCarts(this.config.GUEST_DATA_TTL_S)),
    });
  }
}
