import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError, invalidField, notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { isInsideHost } from './public-address.js';
import { MAX_ENDPOINTS, type WebhookEndpoint, WebhookEndpointsRepository } from './webhook-endpoints.repository.js';
import { secretText } from './webhook-signature.js';
import type { NewWebhook, WebhookChange } from './webhooks.dto.js';

/** The endpoints that are told what happens. */
@Injectable()
export class WebhooksService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(WebhookEndpointsRepository) private readonly endpoints: WebhookEndpointsRepository,
  ) {}

  /** @returns the endpoint with its secret, to be shown this once. @throws AppError `limit_reached`, `validation_failed` */
  async create({ url, events }: NewWebhook): Promise<WebhookEndpoint & { secret: string }> {
    this.requireAllowed(url);
    const secret = randomBytes(32);
    const endpoint = await this.endpoints.insert({ id: newId(), url, events: [...new Set(events)], secret });
    if (endpoint) return { ...endpoint, secret: secretText(secret) };
    throw new AppError('limit_reached', { detail: `There are ${MAX_ENDPOINTS} webhooks. Delete one first.` });
  }

  all(): Promise<WebhookEndpoint[]> {
    return this.endpoints.all();
  }

  /** @throws AppError `not_found`, `validation_failed` */
  async change(id: string, { url, events, enabled }: WebhookChange): Promise<WebhookEndpoint> {
    if (url !== undefined) this.requireAllowed(url);
    const changed = await this.endpoints.change(id, {
      ...(url !== undefined && { url }),
      ...(events !== undefined && { events: [...new Set(events)] }),
      ...(enabled !== undefined && { enabled }),
    });
    if (changed) return changed;
    throw notFound('This webhook');
  }

  /** @throws AppError `not_found` */
  async delete(id: string): Promise<void> {
    if (!(await this.endpoints.delete(id))) throw notFound('This webhook');
  }

  private requireAllowed(url: string): void {
    const { protocol, hostname, username, password } = new URL(url);
    if (username || password) throw invalidField('url', 'credentials', 'must not contain a user name or password');
    if (this.config.WEBHOOK_ALLOW_PRIVATE) return;
    const unless = 'for tests, set WEBHOOK_ALLOW_PRIVATE=true';
    if (protocol !== 'https:') throw invalidField('url', 'insecure', `must be an https URL; ${unless}`);
    // Names are resolved and checked when something is sent.
    if (isInsideHost(hostname)) throw invalidField('url', 'not_public', `must be on the public internet; ${unless}`);
  }
}
