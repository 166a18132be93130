// Sessions of customers: a short access token and a refresh token that is used once. Rotation and reuse detection as
// in RFC 9700, section 4.14.2, without a grace period: a client that uses a refresh token twice must log in again.
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../platform/clock.js';
import { CONFIG, type Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { LOGGER } from '../platform/logging.js';
import { AccessTokens } from './access-tokens.js';
import type { Tokens } from './customers.dto.js';
import { newRefreshToken, parseRefreshToken } from './refresh-token.js';
import { SessionsRepository } from './sessions.repository.js';

/** A customer's oldest session ends when there would be more. */
const MAX_SESSIONS = 20;

@Injectable()
export class CustomerSessions {
  constructor(
    @Inject(SessionsRepository) private readonly sessions: SessionsRepository,
    @Inject(AccessTokens) private readonly accessTokens: AccessTokens,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Begins a session. */
  async open(customerId: string): Promise<Tokens> {
    const token = newRefreshToken();
    const now = new Date(this.clock.nowMs());
    await this.sessions.insert(
      { id: token.sessionId, customerId, tokenHash: token.secretHash, expiresAt: this.expiry() },
      MAX_SESSIONS,
      now,
    );
    return this.tokens(customerId, token.text);
  }

  /** Exchanges a refresh token for new tokens. @throws AppError `unauthorized`; a reused token ends its session. */
  async refresh(refreshToken: string): Promise<Tokens> {
    const given = parseRefreshToken(refreshToken);
    if (!given) throw notInForce();
    const next = newRefreshToken(given.sessionId);
    const customerId = await this.sessions.rotate(
      given.sessionId,
      given.secretHash,
      { tokenHash: next.secretHash, expiresAt: this.expiry() },
      new Date(this.clock.nowMs()),
    );
    if (customerId !== undefined) return this.tokens(customerId, next.text);
    if (await this.sessions.delete(given.sessionId)) {
      this.logger.warn('a refresh token was used again or too late; its session has been ended');
    }
    throw notInForce();
  }

  /** Ends the session of the token. The answer does not tell whether there was one. */
  async close(refreshToken: string): Promise<void> {
    const given = parseRefreshToken(refreshToken);
    if (given) await this.sessions.delete(given.sessionId);
  }

  private async tokens(customerId: string, refreshToken: string): Promise<Tokens> {
    return {
      accessToken: await this.accessTokens.sign(customerId),
      tokenType: 'Bearer',
      expiresInS: this.config.ACCESS_TOKEN_TTL_S,
      refreshToken,
    };
  }

  private expiry(): Date {
    return new Date(this.clock.nowMs() + this.config.REFRESH_TOKEN_TTL_S * 1_000);
  }
}

const notInForce = () => new AppError('unauthorized', { detail: 'The refresh token is not in force. Log in again.' });
