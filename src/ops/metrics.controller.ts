import { Controller, Get, Inject, type OnModuleInit, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { TieredCache } from '../cache/index.js';
import { Database } from '../platform/database/database.js';
import { Metrics } from '../platform/metrics.js';
import { LAYERS, type Layer, RedisLayers } from '../platform/redis/redis-layers.js';

/** `GET /metrics` in the text format of Prometheus. */
@ApiTags('operation')
@Controller('metrics')
export class MetricsController implements OnModuleInit {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Database) private readonly database: Database,
    @Inject(RedisLayers) private readonly redis: RedisLayers,
    @Inject(TieredCache) private readonly cache: TieredCache,
  ) {}

  onModuleInit(): void {
    const { pool } = this.database;
    this.metrics.gauge('postgres_pool_connections', 'Connections to PostgreSQL by use.', ['use'], (gauge) => {
      gauge.set({ use: 'idle' }, pool.idleCount);
      gauge.set({ use: 'busy' }, pool.totalCount - pool.idleCount);
      gauge.set({ use: 'waited_for' }, pool.waitingCount);
    });
    this.metrics.gauge('redis_layer_up', 'Whether the layer can be reached (1) or not (0).', ['layer'], (gauge) => {
      for (const layer of LAYERS) gauge.set({ layer }, this.redis.isUp(layer) ? 1 : 0);
    });
    this.metrics.gauge(
      'redis_layer_out',
      'Whether the shop goes on without the layer (1) or uses it (0).',
      ['layer'],
      (gauge) => {
        for (const layer of LAYERS) gauge.set({ layer }, this.isOut(layer) ? 1 : 0);
      },
    );
  }

  /** The cache has a breaker of its own, which also guards it from a server that is only slow. */
  private isOut(layer: Layer): boolean {
    if (layer === 'application') return this.cache.stats().redisBreaker !== 'closed';
    return this.redis.watch(layer).isOut;
  }

  @Get()
  @ApiOperation({ summary: 'Metrics in the text format of Prometheus' })
  @ApiOkResponse({
    description: 'Every metric of this process.',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  async read(@Res() reply: FastifyReply): Promise<void> {
    const { registry } = this.metrics;
    void reply
      .header('content-type', registry.contentType)
      .header('cache-control', 'no-store')
      .send(await registry.metrics());
  }
}
