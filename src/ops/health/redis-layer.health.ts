import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { redisFailureInWords } from '../../platform/redis/redis-down.js';
import { expectedMemoryPolicy, type Layer, RedisLayers } from '../../platform/redis/redis-layers.js';

export interface LayerFacts {
  readonly version: string;
  readonly memoryPolicy: string;
  /** Present when the server may lose what this layer must keep, or keeps what it should drop. */
  readonly warning?: string;
}

@Injectable()
export class RedisLayerHealth {
  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(RedisLayers) private readonly redis: RedisLayers,
  ) {}

  /** Terminus indicator. A layer that is down impairs the shop but does not end it: readers are served all the same. */
  async check(layer: Layer) {
    const indicator = this.indicators.check(`redis-${layer}`);
    try {
      const facts = await this.facts(layer);
      if (!this.redis.watch(layer).isOut) return indicator.up({ ...facts });
      return indicator.degraded({ ...facts, message: 'answers, but is not used yet' });
    } catch (error) {
      return indicator.degraded({ message: redisFailureInWords(error) });
    }
  }

  /** What the server says of itself. @throws when it does not answer */
  async facts(layer: Layer): Promise<LayerFacts> {
    const info = await this.redis.client(layer).info();
    const version = /^redis_version:(.+?)\r?$/m.exec(info)?.[1] ?? 'unknown';
    const memoryPolicy = /^maxmemory_policy:(.+?)\r?$/m.exec(info)?.[1] ?? 'unknown';
    const warning = `this layer should have a memory policy like ${expectedMemoryPolicy[layer].source}`;
    return { version, memoryPolicy, ...(!expectedMemoryPolicy[layer].test(memoryPolicy) && { warning }) };
  }
}
