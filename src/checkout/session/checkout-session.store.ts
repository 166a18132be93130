// Checkout sessions live in Redis, where one script compares and moves them, and are written through to PostgreSQL,
// which outlives Redis. When Redis has forgotten a session it is put back from PostgreSQL, never with a lower version.
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError, notFound } from '../../platform/errors.js';
import { keyspace } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { isRedisDown, RedisLayers } from '../../platform/redis/redis-layers.js';
import { type CheckoutSession, checkoutSession } from './checkout-session.js';
import { transitionState } from './checkout-session.scripts.js';
import { CheckoutSessionsRepository } from './checkout-sessions.repository.js';
import { mayMove } from './transitions.js';

/** What a change makes of a session; its version is counted by the store. */
export type SessionChange = (session: CheckoutSession) => Omit<CheckoutSession, 'version'>;

const MAX_TRIES = 5;

@Injectable()
export class CheckoutSessionStore {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RedisLayers) private readonly redis: RedisLayers,
    @Inject(CheckoutSessionsRepository) private readonly repository: CheckoutSessionsRepository,
  ) {}

  async find(id: string): Promise<CheckoutSession | undefined> {
    return (await this.inRedis(id)) ?? (await this.repository.find(id));
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<CheckoutSession> {
    const session = await this.find(id);
    if (!session) throw notFound('This checkout');
    return session;
  }

  /** Keeps a new session as version 1. */
  async create(draft: Omit<CheckoutSession, 'version'>): Promise<CheckoutSession> {
    const session = { ...draft, version: 1 };
    await this.move(undefined, session);
    await this.repository.save(session);
    return session;
  }

  /**
   * Applies `change` to the session as it is, again when somebody else was faster.
   * @throws AppError `checkout_closed` when its state does not allow the move, or whatever `change` throws
   */
  async update(id: string, change: SessionChange): Promise<CheckoutSession> {
    let session = await this.get(id);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const changed: CheckoutSession = { ...change(session), version: session.version + 1 };
      if (changed.state !== session.state && !mayMove(session.state, changed.state)) {
        throw new AppError('checkout_closed', { detail: `The checkout is ${session.state}.` });
      }
      const other = await this.move(session, changed);
      if (!other && (await this.repository.save(changed))) return changed;
      session = other ?? (await this.restore(id));
    }
    throw new AppError('version_conflict', { detail: 'The checkout is being changed by other requests. Try again.' });
  }

  /** Brings Redis to what PostgreSQL kept: after a restart it may have come back with an older state. */
  async restore(id: string): Promise<CheckoutSession> {
    const kept = await this.repository.find(id);
    if (!kept) throw notFound('This checkout');
    await this.runTransition({ version: -1, state: '' }, kept);
    return kept;
  }

  private async inRedis(id: string): Promise<CheckoutSession | undefined> {
    try {
      const document = await this.redis.client('operational').hget(keyspace.operational.checkout(id), 'document');
      return document === null ? undefined : checkoutSession.parse(JSON.parse(document));
    } catch (error) {
      if (isRedisDown(error)) return undefined;
      throw error;
    }
  }

  /** @returns undefined when moved, else the session as it is now. */
  private async move(from: CheckoutSession | undefined, to: CheckoutSession): Promise<CheckoutSession | undefined> {
    const moved = await this.runTransition(from, to);
    if (moved.kind === 'conflict') return checkoutSession.parse(JSON.parse(moved.document));
    // Redis has lost it: what PostgreSQL has is put back first, so that versions go on from there.
    if (moved.kind === 'missing') return this.restore(to.id);
    return undefined;
  }

  private runTransition(from: { readonly version: number; readonly state: string } | undefined, to: CheckoutSession) {
    return runLua(
      this.redis.client('operational'),
      transitionState,
      [keyspace.operational.checkout(to.id)],
      [
        from?.version ?? 0,
        from?.state ?? '',
        to.version,
        to.state,
        JSON.stringify(to),
        this.config.CHECKOUT_TTL_S * 1_000,
      ],
    );
  }
}
