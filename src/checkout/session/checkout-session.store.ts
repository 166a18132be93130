// Checkout sessions: moved in PostgreSQL, read from a copy in Redis. A copy that is old, because Redis was away or came
// back from an older file, is never acted upon: the move compares with PostgreSQL, fails, and brings the copy up to date.
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError, notFound } from '../../platform/errors.js';
import { LOGGER, orWarn } from '../../platform/logging.js';
import type { CheckoutSession } from './checkout-session.js';
import { CheckoutSessionCopies } from './checkout-session-copies.store.js';
import { CheckoutSessionsRepository } from './checkout-sessions.repository.js';
import { SessionWrites } from './session-writes.repository.js';
import { mayMove } from './transitions.js';

/** Makes the next state of a session; the store counts its version. */
export type SessionChange = (session: CheckoutSession) => Omit<CheckoutSession, 'version'>;

const MAX_TRIES = 5;

@Injectable()
export class CheckoutSessionStore {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CheckoutSessionCopies) private readonly copies: CheckoutSessionCopies,
    @Inject(CheckoutSessionsRepository) private readonly repository: CheckoutSessionsRepository,
    @Inject(SessionWrites) private readonly writes: SessionWrites,
  ) {}

  /** The session from its copy, or else from PostgreSQL: perhaps a moment old. @throws AppError `not_found` */
  async getRecent(id: string): Promise<CheckoutSession> {
    return required((await this.copies.find(id)) ?? (await this.repository.find(id)));
  }

  /** The session as PostgreSQL has it now; its copy is brought up to date. */
  async findCurrent(id: string): Promise<CheckoutSession | undefined> {
    const session = await this.repository.find(id);
    if (session) await this.publishCopy(session);
    return session;
  }

  /** As `findCurrent`. @throws AppError `not_found` */
  async getCurrent(id: string): Promise<CheckoutSession> {
    return required(await this.findCurrent(id));
  }

  /** Keeps a new session as version 1. */
  async create(draft: Omit<CheckoutSession, 'version'>): Promise<CheckoutSession> {
    const session = { ...draft, version: 1 };
    await this.writes.insert(session);
    await this.publishCopy(session);
    return session;
  }

  /**
   * Applies `change` to the session as it was read, and again to the current one if another request was faster.
   * @throws AppError `checkout_closed` when its state does not allow the move, or whatever `change` throws
   */
  async update(read: CheckoutSession, change: SessionChange): Promise<CheckoutSession> {
    let session = read;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const changed = await this.changedOrCurrent(session, change);
      if (changed.moved) {
        await this.publishCopy(changed.session);
        return changed.session;
      }
      session = changed.session;
    }
    throw new AppError('version_conflict', { detail: 'The checkout is being changed by other requests. Try again.' });
  }

  /** Writes the copy that readers get. A failure is logged: the next move, or the return of Redis, writes it again. */
  async publishCopy(session: CheckoutSession): Promise<void> {
    const about = { checkoutId: session.id };
    await orWarn(this.logger, this.copies.write(session), 'the copy of a checkout session is written later', about);
  }

  /**
   * Writes the copy of what PostgreSQL has; for events, which are repeated when the write fails.
   * @throws Error when Redis refuses it; while Redis is away there is no copy to write
   */
  async republishCopy(id: string): Promise<CheckoutSession | undefined> {
    const session = await this.repository.find(id);
    if (session) await this.copies.write(session);
    return session;
  }

  /** The checkouts of a cart that can still be paid, or are being paid, as PostgreSQL has them. */
  liveOfCart(cartId: string): Promise<readonly CheckoutSession[]> {
    return this.repository.liveOfCart(cartId);
  }

  private async changedOrCurrent(
    session: CheckoutSession,
    change: SessionChange,
  ): Promise<{ readonly moved: boolean; readonly session: CheckoutSession }> {
    let changed: CheckoutSession;
    try {
      changed = nextVersion(session, change);
    } catch (error) {
      // This may be an old copy: only the session in PostgreSQL may refuse.
      const current = await this.getCurrent(session.id);
      if (current.version === session.version) throw error;
      return { moved: false, session: current };
    }
    if (await this.writes.replace(changed)) return { moved: true, session: changed };
    return { moved: false, session: await this.getCurrent(session.id) };
  }
}

/** @throws AppError `not_found` */
function required(session: CheckoutSession | undefined): CheckoutSession {
  if (!session) throw notFound('This checkout');
  return session;
}

/** @throws AppError `checkout_closed` when the state does not allow the move, or whatever `change` throws */
export function nextVersion(session: CheckoutSession, change: SessionChange): CheckoutSession {
  const changed = { ...change(session), version: session.version + 1 };
  if (changed.state !== session.state && !mayMove(session.state, changed.state)) {
    throw new AppError('checkout_closed', { detail: `The checkout is ${session.state}.` });
  }
  return changed;
}
