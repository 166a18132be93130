// Short-lived proof of who a customer is: a signed JWT (RFC 7519, HS256) that is checked without a look-up. It stays
// valid until it expires, also after logout; its life is ACCESS_TOKEN_TTL_S.
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT } from 'jose';
import { Clock } from '../platform/clock.js';
import { CONFIG, type Config } from '../platform/config.js';

const ISSUER = 'tiershop';
const AUDIENCE = 'tiershop:customer';
const ALGORITHM = 'HS256';

@Injectable()
export class AccessTokens {
  private readonly key: Uint8Array;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.key = new TextEncoder().encode(config.AUTH_SECRET);
  }

  sign(customerId: string): Promise<string> {
    const nowS = Math.floor(this.clock.nowMs() / 1_000);
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setSubject(customerId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + this.config.ACCESS_TOKEN_TTL_S)
      .sign(this.key);
  }

  /** @returns the customer's id, or undefined when the token is not ours, was changed or has expired. */
  async verify(token: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'iat', 'exp'],
        currentDate: new Date(this.clock.nowMs()),
      });
      return payload.sub;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
