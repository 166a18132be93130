import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { LAYERS } from '../../platform/redis/redis-layers.js';
import { type RedisLayerReport, RedisReport } from './redis-report.js';

const counted = z.number().min(0);
const slowCommand = z.object({
  at: z.iso.datetime(),
  tookMs: counted,
  command: z.string(),
  key: z.string().nullable().describe('The first key. Other arguments are left out: they may be somebody’s data.'),
});
const node = z
  .object({
    version: z.string(),
    upS: counted,
    clients: counted,
    memory: z.object({
      usedBytes: counted,
      maxBytes: counted.describe('0: no limit.'),
      policy: z.string(),
      fragmentation: counted,
    }),
    commandsPerSecond: counted,
    hits: counted,
    misses: counted,
    evictedKeys: counted,
    expiredKeys: counted,
    slowCommands: z.array(slowCommand).describe('The last ten of SLOWLOG.'),
  })
  .meta({ id: 'RedisNode' });
const layers = z.object({
  layers: z.array(
    z
      .object({
        layer: z.enum(LAYERS),
        up: z.boolean(),
        expectedPolicy: z.string().describe('What its memory policy should match.'),
        nodes: z.array(node).describe('One for each server; empty when the layer is down.'),
      })
      .meta({ id: 'RedisLayer' }),
  ),
});

@ApiTags('administration')
@Controller('v1/admin/redis')
export class RedisController {
  constructor(@Inject(RedisReport) private readonly report: RedisReport) {}

  @Get()
  @RequireAdmin('cache:read')
  @Private()
  @Endpoint({
    summary: 'Memory, load and slow commands of each Redis layer',
    responses: { 200: layers },
  })
  async read(): Promise<{ layers: RedisLayerReport[] }> {
    return { layers: await Promise.all(LAYERS.map((layer) => this.report.of(layer))) };
  }
}
