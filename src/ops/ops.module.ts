import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TerminusModule } from '@nestjs/terminus';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { CacheAdminController } from './cache-admin/cache-admin.controller.js';
import { CacheControlsController } from './cache-admin/cache-controls.controller.js';
import { CacheInsightController } from './cache-admin/cache-insight.controller.js';
import { DeadEventsController } from './events/dead-events.controller.js';
import { OutboxMetrics } from './events/outbox-metrics.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { PostgresHealth } from './health/postgres.health.js';
import { RedisLayerHealth } from './health/redis-layer.health.js';
import { MetricsController } from './metrics.controller.js';
import { RedisController } from './redis/redis.controller.js';
import { RedisReport } from './redis/redis-report.js';
import { RootController } from './root.controller.js';
import { CacheJobs } from './schedules/cache-jobs.js';
import { JobRunsRepository } from './schedules/job-runs.repository.js';
import { RunJob } from './schedules/run-job.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { SchedulesService } from './schedules/schedules.service.js';
import { ShopJobs } from './schedules/shop-jobs.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** What operators need: health, metrics, schedules, cache administration. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), ScheduleModule.forRoot(), WebhooksModule],
  controllers: [
    RootController,
    HealthController,
    MetricsController,
    CacheAdminController,
    CacheControlsController,
    CacheInsightController,
    RedisController,
    SchedulesController,
    DeadEventsController,
    ApiKeysController,
  ],
  providers: [
    HealthService,
    PostgresHealth,
    RedisLayerHealth,
    RedisReport,
    JobRunsRepository,
    ShopJobs,
    CacheJobs,
    RunJob,
    SchedulesService,
    OutboxMetrics,
  ],
})
export class OpsModule {}
