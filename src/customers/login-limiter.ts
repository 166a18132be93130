// Ten attempts at one account's password in a quarter of an hour. Attempts are counted before the password is checked
// and forgotten after a success. When Redis is down logins go on: whoever can stop the session layer must not be able
// to lock every customer out, and guessing is still slow because few password checks run at once (PasswordHasher).
import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../platform/errors.js';
import { keyspace } from '../platform/keyspace.js';
import { runLua } from '../platform/redis/lua-runner.js';
import { RedisLayers } from '../platform/redis/redis-layers.js';
import { loginAttempt } from './login-limiter.scripts.js';

const ATTEMPTS = 10;
const WINDOW_MS = 15 * 60_000;

@Injectable()
export class LoginLimiter {
  constructor(@Inject(RedisLayers) private readonly redis: RedisLayers) {}

  /** Counts an attempt. @throws AppError `too_many_requests` with the time until attempts are taken again. */
  async begin(email: string): Promise<void> {
    const reply = await this.unlessDown(() =>
      runLua(this.redis.client('session'), loginAttempt, [keyOf(email)], [ATTEMPTS, WINDOW_MS]),
    );
    if (reply?.code === 'LIMITED') {
      const retryAfterS = Math.max(1, Math.ceil(reply.value / 1_000));
      const detail = `There were too many failed logins for this account. Try again in ${retryAfterS} seconds.`;
      throw new AppError('too_many_requests', { detail, retryAfterS });
    }
  }

  async succeeded(email: string): Promise<void> {
    await this.unlessDown(() => this.redis.client('session').del(keyOf(email)));
  }

  private unlessDown<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.redis.watch('session').orElse<T | undefined>(work, async () => undefined);
  }
}

/** A hash, so that addresses do not stand in key names. */
const keyOf = (email: string): string => keyspace.session.loginFailures(hash('sha256', email, 'base64url'));
