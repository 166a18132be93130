import { Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { notFound } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { NoBody } from '../../platform/http/no-body.decorator.js';
import { decodeCursor, toPage } from '../../platform/http/page.js';
import { Private } from '../../platform/http/private.decorator.js';
import { DeliverWebhooks } from './deliver-webhooks.job.js';
import { WebhookDeliveriesRepository, type WebhookDelivery } from './webhook-deliveries.repository.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';
import { deliveries, deliveryParams, deliveryPosition, deliveryQuery, webhookParams } from './webhooks.dto.js';

@ApiTags('administration')
@Controller('v1/admin/webhooks/:id/deliveries')
export class WebhookLogController {
  constructor(
    @Inject(WebhookDeliveriesRepository) private readonly deliveries: WebhookDeliveriesRepository,
    @Inject(WebhookEndpointsRepository) private readonly endpoints: WebhookEndpointsRepository,
    @Inject(DeliverWebhooks) private readonly deliver: DeliverWebhooks,
  ) {}

  @Get()
  @RequireAdmin('webhooks:read')
  @Private()
  @Endpoint({
    summary: 'What was sent to a webhook, newest first',
    responses: { 200: deliveries },
    errors: ['not_found'],
  })
  async log(
    @Param({ schema: webhookParams }) { id }: z.infer<typeof webhookParams>,
    @Query({ schema: deliveryQuery }) { limit, cursor }: z.infer<typeof deliveryQuery>,
  ) {
    if (!(await this.endpoints.exists(id))) throw notFound('This webhook');
    const [before] = cursor === undefined ? [] : decodeCursor(cursor, deliveryPosition);
    return toPage(await this.deliveries.log(id, limit + 1, before), limit, toAnswer, (row) => [row.id]);
  }

  @Post(':deliveryId/replay')
  @NoBody()
  @RequireAdmin('webhooks:write')
  @Private()
  @Endpoint({
    summary: 'Send it again',
    noContent: true,
    errors: ['not_found'],
  })
  async replay(@Param({ schema: deliveryParams }) { id, deliveryId }: z.infer<typeof deliveryParams>): Promise<void> {
    if (!(await this.deliveries.replay(id, deliveryId))) throw notFound('This delivery');
    this.deliver.nudge();
  }
}

function toAnswer({ dueAt, createdAt, deliveredAt, ...row }: WebhookDelivery) {
  return {
    ...row,
    dueAt: new Date(dueAt).toISOString(),
    createdAt: new Date(createdAt).toISOString(),
    deliveredAt: deliveredAt === null ? null : new Date(deliveredAt).toISOString(),
  };
}
