// Passwords are hashed with argon2id at the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes,
// 1 lane). Each hash costs about 20 ms of a thread and 19 MiB, so few run at once and few wait: a flood of logins is
// answered with 503 instead of taking the process down. The library hashes on libuv's threads (4 unless set), which
// file access and name look-ups need as well: hence no more than two at once.
import { randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, type Options, verify } from '@node-rs/argon2';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import { unavailable } from '../platform/errors.js';

/** `algorithm` 2 is argon2id; the library's enum does not exist at run time. */
const PARAMETERS: Options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const AT_ONCE = 2;
const WAITING = 64;

@Injectable()
export class PasswordHasher implements OnModuleInit {
  private readonly slots = bulkhead(AT_ONCE, WAITING);
  /** Stands in for accounts that do not exist, so that checking them takes as long. */
  private decoy = '';

  async onModuleInit(): Promise<void> {
    this.decoy = await this.hash(randomBytes(16).toString('hex'));
  }

  /** @returns a PHC string. @throws AppError `unavailable` when too many hashes wait already. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(normalise(password), PARAMETERS));
  }

  /**
   * Compares a password with an account's hash, or, when there is no account, with a decoy: both take equally long,
   * so that the time does not tell which e-mail addresses have an account.
   */
  async matches(passwordHash: string | undefined, password: string): Promise<boolean> {
    const same = await this.inTurn(() => verify(passwordHash ?? this.decoy, normalise(password)));
    return same && passwordHash !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.slots.execute(work);
    } catch (error) {
      if (error instanceof BulkheadRejectedError) throw unavailable('Password checking', 2, error);
      throw error;
    }
  }
}

/** The same password typed on two keyboards can differ in its code points (NIST SP 800-63B, 5.1.1.2: NFKC). */
const normalise = (password: string): string => password.normalize('NFKC');
