import { createHash, randomBytes } from 'node:crypto';

/** Opens one order without an account: 192 random bits. */
export function newAccessToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Only the hash is kept; there is nothing to guess, so a fast one is enough. */
export function hashAccessToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
