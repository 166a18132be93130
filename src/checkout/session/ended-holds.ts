import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HoldOwners } from '../../inventory/index.js';
import { CheckoutSessionsRepository } from './checkout-sessions.repository.js';

/** A checkout's hold has the checkout's id; a checkout that has ended needs no hold, whatever Redis has missed. */
@Injectable()
export class EndedHolds implements OnModuleInit {
  constructor(
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
    @Inject(HoldOwners) private readonly owners: HoldOwners,
  ) {}

  onModuleInit(): void {
    this.owners.register((holdIds) => this.sessions.endedOf(holdIds));
  }
}
