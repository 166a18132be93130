import { HttpException, Inject, Injectable } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { LAYERS } from '../../platform/redis/redis-layers.js';
import { PostgresHealth } from './postgres.health.js';
import { RedisLayerHealth } from './redis-layer.health.js';

/** `degraded`: a Redis layer is down. `error`: PostgreSQL is down. `shutting_down`: send no more requests here. */
export type HealthReport = Pick<HealthCheckResult, 'status'> & { readonly checks: HealthCheckResult['details'] };

@Injectable()
export class HealthService {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(PostgresHealth) private readonly postgres: PostgresHealth,
    @Inject(RedisLayerHealth) private readonly redisLayers: RedisLayerHealth,
  ) {}

  async report(): Promise<HealthReport> {
    const { status, details } = await this.checkAll();
    return { status, checks: details };
  }

  /** Terminus throws its result when something is down; it is the same document. */
  private async checkAll(): Promise<HealthCheckResult> {
    try {
      const layers = LAYERS.map((layer) => () => this.redisLayers.check(layer));
      return await this.health.check([() => this.postgres.check(), ...layers]);
    } catch (error) {
      if (error instanceof HttpException) return error.getResponse() as HealthCheckResult;
      throw error;
    }
  }
}
