import { Body, Controller, Get, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { RequireAdmin } from '../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../platform/http/endpoint.decorator.js';
import { NoBody } from '../platform/http/no-body.decorator.js';
import { Private } from '../platform/http/private.decorator.js';
import { IdempotencyKeyHeader } from '../platform/idempotency/idempotency-key.decorator.js';
import { OncePerKey } from '../platform/idempotency/once-per-key.js';
import {
  activeVersionResponse,
  type DraftRequest,
  draftRequest,
  draftResponse,
  versionParam,
  versionsQuery,
  versionsResponse,
} from './discounts.dto.js';
import { RuleSetsService } from './rule-sets.service.js';

@ApiTags('discounts administration')
@Controller('v1/admin/discounts')
export class DiscountsAdminController {
  constructor(
    @Inject(RuleSetsService) private readonly ruleSets: RuleSetsService,
    @Inject(OncePerKey) private readonly once: OncePerKey,
  ) {}

  @Get()
  @Private()
  @RequireAdmin('discounts:read')
  @Endpoint({
    summary: 'Read the draft of the discounts',
    responses: { 200: draftResponse },
  })
  draft() {
    return this.ruleSets.draft();
  }

  @Put()
  @Private()
  @RequireAdmin('discounts:write')
  @Endpoint({
    summary: 'Replace the draft of the discounts',
    description: 'Customers see nothing of it before it is published.',
    responses: { 200: draftResponse },
    errors: ['version_conflict'],
  })
  replaceDraft(@Body({ schema: draftRequest }) body: DraftRequest) {
    return this.ruleSets.replaceDraft(body);
  }

  @Post('publish')
  @NoBody()
  @Private()
  @RequireAdmin('discounts:write')
  @IdempotencyKeyHeader(false)
  @Endpoint({
    summary: 'Publish the draft as the next version and activate it',
    responses: { 201: activeVersionResponse },
    errors: ['idempotency_key_reused', 'request_in_progress'],
  })
  publish(@Req() request: FastifyRequest) {
    return this.once.run(request, () => this.ruleSets.publish());
  }

  @Get('versions')
  @Private()
  @RequireAdmin('discounts:read')
  @Endpoint({
    summary: 'List published versions, newest first',
    responses: { 200: versionsResponse },
  })
  versions(@Query({ schema: versionsQuery }) { limit, cursor }: z.infer<typeof versionsQuery>) {
    return this.ruleSets.list(limit, cursor);
  }

  @Post('versions/:version/activate')
  @NoBody()
  @Private()
  @RequireAdmin('discounts:write')
  @Endpoint({
    summary: 'Activate a published version',
    responses: { 200: activeVersionResponse },
    errors: ['not_found'],
  })
  activate(@Param({ schema: versionParam }) { version }: z.infer<typeof versionParam>) {
    return this.ruleSets.activate(version);
  }
}
