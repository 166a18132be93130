import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { HOT_KEYS_HALF_LIFE_MS, TieredCache } from '../../cache/index.js';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { notFound } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { hotKeysAnswer, hotKeysQuery, statsAnswer } from './cache-insight.dto.js';

@ApiTags('administration')
@Controller('v1/admin/cache')
export class CacheInsightController {
  constructor(@Inject(TieredCache) private readonly cache: TieredCache) {}

  @Get('stats')
  @RequireAdmin('cache:read')
  @Private()
  @Endpoint({
    summary: 'What each category and tier did: hits, misses and why, latencies, bytes, what it saved',
    responses: { 200: statsAnswer },
  })
  stats(): z.infer<typeof statsAnswer> {
    return { process: { pid: process.pid, upS: Math.round(process.uptime()) }, ...this.cache.stats() };
  }

  @Get('hot-keys')
  @RequireAdmin('cache:read')
  @Private()
  @Endpoint({
    summary: 'The keys that are asked for most',
    responses: { 200: hotKeysAnswer },
    errors: ['not_found'],
  })
  hotKeys(@Query({ schema: hotKeysQuery }) { category, limit }: z.infer<typeof hotKeysQuery>) {
    const wanted = this.cache.registered.filter(({ name }) => category === undefined || name === category);
    if (wanted.length === 0) throw notFound('This category');
    const nowMs = performance.now();
    const items = wanted.map(({ name, insight, copies }) => ({
      category: name,
      ...insight.hotKeys.report(limit, copies.memoryUse.entries, nowMs),
    }));
    return { halfLifeS: HOT_KEYS_HALF_LIFE_MS / 1_000, items } satisfies z.infer<typeof hotKeysAnswer>;
  }
}
