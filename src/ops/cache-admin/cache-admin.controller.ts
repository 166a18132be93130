import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { cachePolicy, type InvalidationResult, TieredCache, type WarmJob, WarmUps } from '../../cache/index.js';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { AppError, invalidField, notFound } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import {
  entryAnswer,
  entryQuery,
  type InvalidateRequest,
  invalidateAnswer,
  invalidateRequest,
  policyAnswer,
  type WarmBody,
  warmJob,
  warmJobParams,
  warmJobs,
  warmRequest,
} from './cache-admin.dto.js';

@ApiTags('administration')
@Controller('v1/admin/cache')
export class CacheAdminController {
  constructor(
    @Inject(TieredCache) private readonly cache: TieredCache,
    @Inject(WarmUps) private readonly warmUps: WarmUps,
  ) {}

  @Get('policy')
  @RequireAdmin('cache:read')
  @Private()
  @Endpoint({
    summary: 'How each category is cached, and why',
    responses: { 200: policyAnswer },
  })
  policy(): z.infer<typeof policyAnswer> {
    return { categories: { ...cachePolicy } };
  }

  @Get('entry')
  @RequireAdmin('cache:read')
  @Private()
  @Endpoint({
    summary: 'What each tier holds under a key',
    responses: { 200: entryAnswer },
    errors: ['not_found'],
  })
  async entry(@Query({ schema: entryQuery }) { category, key }: z.infer<typeof entryQuery>) {
    const found = await this.cache.inspect(category, key);
    if (!found) throw notFound('This category');
    return found;
  }

  @Post('invalidate')
  @RequireAdmin('cache:write')
  @Private()
  @Endpoint({
    summary: 'Make keys, tags, a category or everything void, in every tier and process',
    responses: { 200: invalidateAnswer },
  })
  invalidate(@Body({ schema: invalidateRequest }) body: InvalidateRequest): Promise<InvalidationResult> {
    return this.cache.invalidate(body);
  }

  @Post('warm')
  @RequireAdmin('cache:write')
  @Private()
  @Endpoint({
    summary: 'Begin to warm a category; a warm-up of the same category and source that is running is answered instead',
    responses: { 202: warmJob },
    errors: ['job_running'],
  })
  async warm(@Body({ schema: warmRequest }) { category, ...request }: WarmBody): Promise<WarmJob> {
    if (request.keys) await this.requireNoList(category);
    const job = await this.warmUps.begin(category, request);
    if (!job) throw invalidField('category', 'unknown_category', 'is not in use here');
    return job;
  }

  @Get('warm')
  @RequireAdmin('cache:read')
  @Private()
  @Endpoint({ summary: 'The last warm-ups, newest first', responses: { 200: warmJobs } })
  async warmJobs(): Promise<{ items: WarmJob[] }> {
    return { items: await this.warmUps.history() };
  }

  @Get('warm/:id')
  @RequireAdmin('cache:read')
  @Private()
  @Endpoint({ summary: 'How far a warm-up is', responses: { 200: warmJob }, errors: ['not_found'] })
  async warmJob(@Param({ schema: warmJobParams }) { id }: z.infer<typeof warmJobParams>): Promise<WarmJob> {
    const job = await this.warmUps.job(id);
    if (!job) throw notFound('This warm-up');
    return job;
  }

  /** A running warm-up has other keys than this request names. */
  private async requireNoList(category: string): Promise<void> {
    const jobs = await this.warmUps.history();
    const running = jobs.find(
      ({ name, source, state }) => name === category && source === 'list' && state === 'running',
    );
    if (!running) return;
    throw new AppError('job_running', {
      detail: `A warm-up of ${category} from a list is running. Send the keys again when GET /v1/admin/cache/warm/${running.id} says that it has ended.`,
      extra: { jobId: running.id },
    });
  }
}
