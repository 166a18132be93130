import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { isInsideHost, lookupPublic } from './public-address.js';
import type { DueWebhook, Outcome } from './webhook-deliveries.repository.js';
import { signatureHeaders } from './webhook-signature.js';

const DEADLINE_MS = 10_000;

/** Sends one webhook: signed, within a deadline, without following redirects. */
@Injectable()
export class WebhookSender {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @returns how it ended; a receiver that cannot be reached has no status */
  async send(webhook: DueWebhook): Promise<Outcome> {
    try {
      const status = await this.post(webhook);
      return { status, error: status >= 200 && status < 300 ? null : `answered ${status}` };
    } catch (error) {
      return { status: null, error: error instanceof Error ? error.message || error.name : String(error) };
    }
  }

  /** The answer's body is not read: a receiver could send without end. */
  private post({ url, eventId, body, secret }: DueWebhook): Promise<number> {
    const target = new URL(url);
    this.requirePublic(target);
    const headers = {
      ...signatureHeaders(`evt_${eventId}`, body, secret, this.clock.nowMs()),
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'tiershop-webhooks',
    };
    return new Promise((resolve, reject) => {
      const send = target.protocol === 'https:' ? requestHttps : requestHttp;
      const request = send(target, {
        method: 'POST',
        headers,
        signal: AbortSignal.timeout(DEADLINE_MS),
        agent: false,
        ...(!this.config.WEBHOOK_ALLOW_PRIVATE && { lookup: lookupPublic }),
      });
      request.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** `lookupPublic` checks names; an address is never looked up. */
  private requirePublic({ hostname }: URL): void {
    if (this.config.WEBHOOK_ALLOW_PRIVATE || !isInsideHost(hostname)) return;
    throw new Error(`${hostname} is not on the public internet`);
  }
}
