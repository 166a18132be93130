import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { PostgresHealth } from './health/postgres.health.js';
import { RedisLayerHealth } from './health/redis-layer.health.js';
import { MetricsController } from './metrics.controller.js';

/** What operators need: health, metrics, schedules, cache administration. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController, MetricsController],
  providers: [HealthService, PostgresHealth, RedisLayerHealth],
})
export class OpsModule {}
