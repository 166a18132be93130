// Checkout sessions: moved in PostgreSQL, read from a copy in Redis. A copy that is old, because Redis was away or came
// back from an older file, is never acted upon: the move compares with PostgreSQL, fails, and brings the copy up to date.
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError, notFound } from '../../platform/errors.js';
import { LOGGER } from '../../platform/logging.js';
import type { CheckoutSession } from './checkout-session.js';
import { CheckoutSessionCopies } from './checkout-session-copies.store.js';
import { CheckoutSessionsRepository } from './checkout-sessions.repository.js';
import { SessionWrites } from './session-writes.repository.js';
import { mayMove } from './transitions.js';

/** What a change makes of a session; its version is counted by the store. */
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

  /** The session, perhaps a moment old. */
  async find(id: string): Promise<CheckoutSession | undefined> {
    return (await this.copies.find(id)) ?? (await this.repository.find(id));
  }

  /** The session, perhaps a moment old. @throws AppError `not_found` */
  async get(id: string): Promise<CheckoutSession> {
    const session = await this.find(id);
    if (!session) throw notFound('This checkout');
    return session;
  }

  /** The session as PostgreSQL has it now; the copy is brought up to date. */
  async findCurrent(id: string): Promise<CheckoutSession | undefined> {
    const session = await this.repository.find(id);
    if (session) await this.show(session);
    return session;
  }

  /** The session as PostgreSQL has it now. @throws AppError `not_found` */
  async current(id: string): Promise<CheckoutSession> {
    const session = await this.findCurrent(id);
    if (!session) throw notFound('This checkout');
    return session;
  }

  /** Keeps a new session as version 1. */
  async create(draft: Omit<CheckoutSession, 'version'>): Promise<CheckoutSession> {
    const session = { ...draft, version: 1 };
    await this.writes.insert(session);
    await this.show(session);
    return session;
  }

  /**
   * Applies `change` to the session, first as it was read, then as it is, again when somebody else was faster.
   * @throws AppError `checkout_closed` when its state does not allow the move, or whatever `change` throws
   */
  async update(read: CheckoutSession, change: SessionChange): Promise<CheckoutSession> {
    let session = read;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const changed = await this.changedOrCurrent(session, change);
      if (changed.moved) {
        await this.show(changed.session);
        return changed.session;
      }
      session = changed.session;
    }
    throw new AppError('version_conflict', { detail: 'The checkout is being changed by other requests. Try again.' });
  }

  /** Shows the session to readers. A failure is logged: the next move, or the return of Redis, shows it again. */
  async show(session: CheckoutSession): Promise<void> {
    try {
      await this.copies.write(session);
    } catch (error) {
      this.logger.warn({ err: error, checkoutId: session.id }, 'a checkout session is shown later');
    }
  }

  /** The checkouts of a cart that can still be paid, or are being paid, as PostgreSQL has them. */
  liveOfCart(cartId: string): Promise<readonly CheckoutSession[]> {
    return this.repository.liveOfCart(cartId);
  }

  /** Shows what PostgreSQL has. */
  async showCurrent(id: string): Promise<CheckoutSession | undefined> {
    const session = await this.repository.find(id);
    if (session) await this.copies.write(session);
    return session;
  }

  private async changedOrCurrent(
    session: CheckoutSession,
    change: SessionChange,
  ): Promise<{ readonly moved: boolean; readonly session: CheckoutSession }> {
    let changed: CheckoutSession;
    try {
      changed = nextVersion(session, change);
    } catch (error) {
      // Refused by what may be an old copy: only what PostgreSQL has may refuse.
      const current = await this.current(session.id);
      if (current.version === session.version) throw error;
      return { moved: false, session: current };
    }
    if (await this.writes.replace(changed)) return { moved: true, session: changed };
    return { moved: false, session: await this.current(session.id) };
  }
}

/** @throws AppError `checkout_closed` when the state does not allow the move, or whatever `change` throws */
export function nextVersion(session: CheckoutSession, change: SessionChange): CheckoutSession {
  const changed = { ...change(session), version: session.version + 1 };
  if (changed.state !== session.state && !mayMove(session.state, changed.state)) {
    throw new AppError('checkout_closed', { detail: `The checkout is ${session.state}.` });
  }
  return changed;
}
