import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { InventoryService } from '../../inventory/index.js';
import { LOGGER } from '../../platform/logging.js';
import type { Attempt, Ending } from '../payments/attempt.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';
import { mayMove } from '../session/transitions.js';

type StateChange = Partial<CheckoutSession> & Pick<CheckoutSession, 'state'>;

/**
 * Lets the session show what PostgreSQL has decided. The outcome stands without it: a failure here is logged, and the
 * outbox event of the outcome calls the `…Again` forms until they succeed.
 */
@Injectable()
export class SyncSession {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
    @Inject(InventoryService) private readonly inventory: InventoryService,
  ) {}

  async paying({ checkoutId, id: attemptId }: Attempt): Promise<void> {
    await this.attempted(() => this.move(checkoutId, () => ({ state: 'paying', attemptId })));
  }

  /** PostgreSQL knows of an attempt that the session does not show. */
  async restore(checkoutId: string): Promise<void> {
    await this.attempted(() => this.sessions.restore(checkoutId));
  }

  async placed(attempt: Attempt): Promise<void> {
    await this.attempted(() => this.placedAgain(attempt));
  }

  async placedAgain({ checkoutId, orderId }: Attempt): Promise<void> {
    await this.move(checkoutId, () => ({ state: 'placed', orderId }));
  }

  async capturedAgain({ checkoutId, orderId }: Attempt): Promise<void> {
    await this.move(checkoutId, () => ({ state: 'captured', orderId }));
  }

  async ended(attempt: Attempt, ending: Ending): Promise<void> {
    await this.attempted(() => this.endedAgain(attempt, ending));
  }

  /** Only while the session is still about this attempt: a later one must not be disturbed by a repeated event. */
  async endedAgain(attempt: Attempt, ending: Ending): Promise<void> {
    const { quote, discountCodes } = ending;
    const session = await this.move(attempt.checkoutId, (current) =>
      current.attemptId === attempt.id
        ? { state: ending.checkout, ...(quote && { quote }), ...(discountCodes && { discountCodes }) }
        : undefined,
    );
    if (session.state === 'expired') await this.inventory.release(session.id, session.quote.lines, 'checkout expired');
  }

  /** A session that has moved on already stays as it is. */
  private async move(
    id: string,
    changeOf: (session: CheckoutSession) => StateChange | undefined,
  ): Promise<CheckoutSession> {
    const wanted = (session: CheckoutSession): StateChange | undefined => {
      const change = changeOf(session);
      return change && change.state !== session.state && mayMove(session.state, change.state) ? change : undefined;
    };
    const session = await this.sessions.get(id);
    if (!wanted(session)) return session;
    return this.sessions.update(id, (current) => ({ ...current, ...wanted(current) }));
  }

  private async attempted(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.warn({ err: error }, 'a checkout session will be brought up to date later');
    }
  }
}
