// Makes void what is cached of the catalogue: at once after a write of this process, and again, at least once, for every
// change that the tables' triggers report through the outbox.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { TieredCache } from '../cache/index.js';
import { unavailable } from '../platform/errors.js';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';

@Injectable()
export class CatalogInvalidation implements OnModuleInit {
  constructor(
    @Inject(TieredCache) private readonly cache: TieredCache,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
  ) {}

  onModuleInit(): void {
    this.relay.on('catalog.changed', 'void what is cached of it', async ({ tags }) => {
      const { published } = await this.cache.invalidate({ tags });
      // The event stays in the outbox until redis has been told: this process may not live to tell it later.
      if (!published) throw unavailable('The application layer');
    });
  }

  /** When it resolves, this process serves nothing older. */
  async invalidate(tags: readonly string[]): Promise<void> {
    if (tags.length > 0) await this.cache.invalidate({ tags });
  }
}
