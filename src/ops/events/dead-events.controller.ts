import { Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { notFound } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { NoBody } from '../../platform/http/no-body.decorator.js';
import { decodeCursor, toPage } from '../../platform/http/page.js';
import { Private } from '../../platform/http/private.decorator.js';
import { type DeadEvent, OutboxRepository } from '../../platform/outbox/outbox.repository.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { deadEventParams, deadEventPosition, deadEvents, deadEventsQuery } from './events.dto.js';

type Params = z.infer<typeof deadEventParams>;

/** Events that could not be delivered for days. Later ones with the same ordering key wait. */
@ApiTags('administration')
@Controller('v1/admin/dead-events')
export class DeadEventsController {
  constructor(
    @Inject(OutboxRepository) private readonly outbox: OutboxRepository,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
  ) {}

  @Get()
  @RequireAdmin('events:read')
  @Private()
  @Endpoint({
    summary: 'List events that could not be delivered, oldest first',
    responses: { 200: deadEvents },
  })
  async list(@Query({ schema: deadEventsQuery }) { limit, cursor }: z.infer<typeof deadEventsQuery>) {
    const [after] = cursor === undefined ? [] : decodeCursor(cursor, deadEventPosition);
    return toPage(await this.outbox.dead(limit + 1, after), limit, toAnswer, ({ id }) => [id]);
  }

  @Post(':id/replay')
  @NoBody()
  @RequireAdmin('events:write')
  @Private()
  @Endpoint({
    summary: 'Deliver a dead event again, as often as a new one',
    noContent: true,
    errors: ['not_found'],
  })
  async replay(@Param({ schema: deadEventParams }) { id }: Params): Promise<void> {
    if (!(await this.outbox.revive(id))) throw notFound('This dead event');
    this.relay.nudge();
  }

  @Delete(':id')
  @RequireAdmin('events:write')
  @Private()
  @Endpoint({
    summary: 'Give a dead event up: nobody will be told of it',
    noContent: true,
    errors: ['not_found'],
  })
  async discard(@Param({ schema: deadEventParams }) { id }: Params): Promise<void> {
    if (!(await this.outbox.discard(id))) throw notFound('This dead event');
    this.relay.nudge();
  }
}

function toAnswer({ createdAt, ...event }: DeadEvent): z.infer<typeof deadEvents>['items'][number] {
  return { ...event, payload: event.payload as Record<string, unknown>, createdAt: new Date(createdAt).toISOString() };
}
