import { type Layer, layerSettings, layers } from '../../local/servers/redis-layers.ts';
import { TemporaryPostgres } from '../../local/servers/temporary-postgres.ts';
import { TemporaryRedis } from '../../local/servers/temporary-redis.ts';
import type { Cleanup } from './cleanup.ts';

/** A PostgreSQL that writes through to disk, as a real one does, for the time of one suite. */
export async function startPostgres(cleanup: Cleanup): Promise<TemporaryPostgres> {
  const postgres = await TemporaryPostgres.start({ durable: true });
  cleanup.defer(() => postgres.remove());
  return postgres;
}

/** One Redis for each layer, with the settings of the real ones, for the time of one suite. */
export async function startRedisLayers(cleanup: Cleanup): Promise<Record<Layer, TemporaryRedis>> {
  const start = async (layer: Layer) => {
    const redis = await TemporaryRedis.start(`redis (${layer})`, layerSettings[layer]);
    cleanup.defer(() => redis.remove());
    return [layer, redis] as const;
  };
  return Object.fromEntries(await Promise.all(layers.map(start))) as Record<Layer, TemporaryRedis>;
}
