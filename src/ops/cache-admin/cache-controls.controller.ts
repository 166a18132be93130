import { Body, Controller, Get, Inject, Patch, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CacheControls, CONTROLS_POLL_MS, type StoredControls } from '../../cache/index.js';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { type ControlsRequest, categoryControls, controlsAnswer, controlsRequest } from './cache-controls.dto.js';

@ApiTags('administration')
@Controller('v1/admin/cache/controls')
export class CacheControlsController {
  constructor(@Inject(CacheControls) private readonly controls: CacheControls) {}

  @Get()
  @RequireAdmin('cache:read')
  @Private()
  @Endpoint({
    summary: 'What operators have switched, by category',
    responses: { 200: controlsAnswer },
  })
  read(): z.infer<typeof controlsAnswer> {
    const categories = Object.entries(this.controls.all).map(([name, controls]) => [name, toAnswer(controls)]);
    return { appliedWithinMs: CONTROLS_POLL_MS, categories: Object.fromEntries(categories) };
  }

  @Patch()
  @RequireAdmin('cache:write')
  @Private()
  @Endpoint({
    summary: 'Switch a tier of a category off, serve stale documents longer, or write fewer of them to redis',
    responses: { 200: categoryControls },
  })
  async change(
    @Body({ schema: controlsRequest }) { category, ...change }: ControlsRequest,
    @Req() request: FastifyRequest,
  ): Promise<z.infer<typeof categoryControls>> {
    return toAnswer(await this.controls.change(category, change, request.id));
  }
}

function toAnswer({ changedAt, ...controls }: StoredControls): z.infer<typeof categoryControls> {
  return { ...controls, changedAt: changedAt?.toISOString() ?? null };
}
