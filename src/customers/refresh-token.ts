// A refresh token is `<session id>.<secret>`. The session's row keeps the hash of its newest secret only: any other
// secret of an existing session has been used before, since only holders of its tokens know the id.
import { hash, randomBytes } from 'node:crypto';
import { newSecretId } from '../platform/ids.js';

export interface RefreshToken {
  readonly sessionId: string;
  /** SHA-256 of the secret; it has 256 random bits, so a fast hash is enough. */
  readonly secretHash: Buffer;
}

/** Makes a token of a session (a new one unless given). `text` is what the client gets, once. */
export function newRefreshToken(sessionId: string = newSecretId()): RefreshToken & { readonly text: string } {
  const secret = randomBytes(32);
  return { sessionId, secretHash: hashOf(secret), text: `${sessionId}.${secret.toString('base64url')}` };
}

/** @returns undefined when the text cannot be a token. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const match = /^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/.exec(
    text,
  );
  if (!match?.[1] || !match[2]) return undefined;
  return { sessionId: match[1], secretHash: hashOf(Buffer.from(match[2], 'base64url')) };
}

const hashOf = (secret: Buffer): Buffer => hash('sha256', secret, 'buffer');
