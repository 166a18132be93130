import { Body, Controller, Delete, Get, Inject, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import type { WebhookEndpoint } from './webhook-endpoints.repository.js';
import {
  createdWebhook,
  type NewWebhook,
  newWebhook,
  type WebhookChange,
  webhook,
  webhookChange,
  webhookParams,
  webhooks,
} from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';

type Params = z.infer<typeof webhookParams>;

@ApiTags('administration')
@Controller('v1/admin/webhooks')
export class WebhooksController {
  constructor(@Inject(WebhooksService) private readonly webhooks: WebhooksService) {}

  @Get()
  @RequireAdmin('webhooks:read')
  @Private()
  @Endpoint({ summary: 'List webhooks', responses: { 200: webhooks } })
  async list() {
    return { items: (await this.webhooks.all()).map(toAnswer) };
  }

  @Post()
  @RequireAdmin('webhooks:write')
  @Private()
  @Endpoint({
    summary: 'Be told of events at a URL',
    description:
      'Answers the secret that verifies what is sent, this once. Takes no Idempotency-Key: no secret is stored.',
    responses: { 201: createdWebhook },
    errors: ['limit_reached'],
  })
  async create(@Body({ schema: newWebhook }) body: NewWebhook) {
    const { secret, ...created } = await this.webhooks.create(body);
    return { ...toAnswer(created), secret };
  }

  @Patch(':id')
  @RequireAdmin('webhooks:write')
  @Private()
  @Endpoint({
    summary: 'Change a webhook, or switch it off and on',
    responses: { 200: webhook },
    errors: ['not_found'],
  })
  async change(
    @Param({ schema: webhookParams }) { id }: Params,
    @Body({ schema: webhookChange }) body: WebhookChange,
  ): Promise<z.infer<typeof webhook>> {
    return toAnswer(await this.webhooks.change(id, body));
  }

  @Delete(':id')
  @RequireAdmin('webhooks:write')
  @Private()
  @Endpoint({
    summary: 'Delete a webhook and its log',
    noContent: true,
    errors: ['not_found'],
  })
  delete(@Param({ schema: webhookParams }) { id }: Params): Promise<void> {
    return this.webhooks.delete(id);
  }
}

function toAnswer({ createdAt, disabledAt, events, ...endpoint }: WebhookEndpoint): z.infer<typeof webhook> {
  return {
    ...endpoint,
    events: [...events],
    createdAt: new Date(createdAt).toISOString(),
    disabledAt: disabledAt === null ? null : new Date(disabledAt).toISOString(),
  };
}
