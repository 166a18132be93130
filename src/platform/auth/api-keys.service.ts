import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CONFIG, type Config } from '../config.js';
import { type ApiKey, ApiKeysRepository, type Revocation } from './api-keys.repository.js';

const AREAS = ['catalog', 'inventory', 'discounts', 'orders', 'cache', 'jobs', 'events', 'webhooks', 'keys'] as const;
/** What a key may do: `area:read` or `area:write`; a key with `*` may do everything. */
export type Scope = `${(typeof AREAS)[number]}:${'read' | 'write'}`;
export const SCOPES = ['*', ...AREAS.flatMap((area) => [`${area}:read`, `${area}:write`] as const)] as const;

/** Each of these scopes is enough to make a key that may do anything. */
const MAKES_KEYS: readonly (typeof SCOPES)[number][] = ['*', 'keys:write'];

/** How long a key revoked in another process may still be accepted, however often it is used. */
const REMEMBERED_MS = 5_000;

@Injectable()
export class ApiKeysService {
  private readonly configured: Buffer | undefined;
  private readonly remembered = new LRUCache<string, readonly string[]>({ max: 1_000, ttl: REMEMBERED_MS });
  private revocations = 0;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(ApiKeysRepository) private readonly repository: ApiKeysRepository,
  ) {
    this.configured = config.TIERSHOP_ADMIN_KEY === undefined ? undefined : hashOf(config.TIERSHOP_ADMIN_KEY);
  }

  /** @returns the scopes of the key, or undefined when it is not a key in force. */
  async scopesOf(key: string): Promise<readonly string[] | undefined> {
    const hash = hashOf(key);
    if (this.configured && timingSafeEqual(hash, this.configured)) return ['*'];
    const name = fingerprintOf(key);
    return this.remembered.get(name) ?? this.readScopes(name, hash);
  }

  /** Remembers what it read, unless a key was revoked meanwhile: that may be this one. */
  private async readScopes(name: string, hash: Buffer): Promise<readonly string[] | undefined> {
    const { revocations } = this;
    const scopes = await this.repository.scopesOf(hash);
    if (scopes && revocations === this.revocations) this.remembered.set(name, scopes);
    return scopes;
  }

  /** Makes the first key of a new shop. @returns the key, to be shown this once, or undefined when there is a key already. */
  async createFirstKey(): Promise<string | undefined> {
    if (this.configured) return undefined;
    const key = newKey();
    return (await this.repository.insertFirst(hashOf(key))) ? key : undefined;
  }

  /** Makes a key. @returns it with the key itself, to be shown this once; undefined when there are MAX_API_KEYS. */
  async create(name: string, scopes: readonly string[]): Promise<(ApiKey & { readonly key: string }) | undefined> {
    const key = newKey();
    const created = await this.repository.insert(name, hashOf(key), scopes);
    return created && { ...created, key };
  }

  /** Keys in force, oldest first. */
  all(): Promise<ApiKey[]> {
    return this.repository.all();
  }

  /**
   * Revokes a key: here at once, in other processes within five seconds. The last key that makes keys stays, unless there is
   * TIERSHOP_ADMIN_KEY: without either, nobody could ever get in again.
   */
  async revoke(id: string): Promise<Revocation['kind']> {
    const revocation = await this.repository.revoke(id, this.configured ? undefined : MAKES_KEYS);
    if (revocation.kind === 'revoked') {
      this.revocations += 1;
      this.remembered.delete(revocation.keyHash.toString('base64'));
    }
    return revocation.kind;
  }
}

const newKey = () => `tsk_${randomBytes(24).toString('base64url')}`;

/** Names a key without revealing it. */
export const fingerprintOf = (key: string): string => hashOf(key).toString('base64');

/** Keys have 192 random bits, so a fast hash is enough: there is nothing to guess. */
function hashOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
