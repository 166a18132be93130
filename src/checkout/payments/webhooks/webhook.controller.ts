import { Controller, Inject, Param, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../../platform/errors.js';
import { Endpoint } from '../../../platform/http/endpoint.decorator.js';
import { TakeWebhook } from './take-webhook.js';

const webhookParams = z.strictObject({ provider: z.string().min(1).max(50) });

@ApiTags('payments')
@Controller('v1/payments')
export class WebhookController {
  constructor(@Inject(TakeWebhook) private readonly takeWebhook: TakeWebhook) {}

  @Post(':provider/webhook')
  @RouteConfig({ rawBody: true })
  @ApiBody({ description: 'JSON in the form of the provider.', schema: { type: 'object' } })
  @Endpoint({
    summary: 'Take a webhook of a payment provider',
    description: 'Its signature is checked on the bytes that came. A webhook may be sent again, and in any order.',
    noContent: true,
    errors: ['webhook_refused', 'not_found', 'payload_too_large', 'unsupported_media_type', 'unavailable'],
  })
  async take(
    @Param({ schema: webhookParams }) { provider }: z.infer<typeof webhookParams>,
    @Req() { body, headers }: FastifyRequest,
  ): Promise<void> {
    if (!Buffer.isBuffer(body))
      throw new AppError('unsupported_media_type', { detail: 'Send it as application/json.' });
    await this.takeWebhook.take(provider, body, headers);
  }
}
