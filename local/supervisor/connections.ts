import { type Layer, layers } from '../servers/redis-layers.ts';

/** Where PostgreSQL and each layer of Redis are reached. */
export interface Connections {
  databaseUrl: string;
  redisUrls: Record<Layer, string>;
}

/** What the environment names; everything else is embedded. */
export interface ConfiguredConnections {
  databaseUrl: string | undefined;
  redisUrls: Record<Layer, string | undefined>;
}

/** Reads DATABASE_URL, and per layer REDIS_<LAYER>_URL or else REDIS_URL. An empty variable counts as unset. */
export function configuredConnections(env: NodeJS.ProcessEnv): ConfiguredConnections {
  const redisUrl = (layer: Layer) => env[redisVariable(layer)] || env.REDIS_URL || undefined;
  return {
    databaseUrl: env.DATABASE_URL || undefined,
    redisUrls: {
      operational: redisUrl('operational'),
      application: redisUrl('application'),
      session: redisUrl('session'),
    },
  };
}

/** The same as variables for the application and the command line. */
export function connectionVariables({ databaseUrl, redisUrls }: Connections): Record<string, string> {
  const redis = layers.map((layer) => [redisVariable(layer), redisUrls[layer]]);
  return { DATABASE_URL: databaseUrl, ...Object.fromEntries(redis) };
}

const redisVariable = (layer: Layer): string => `REDIS_${layer.toUpperCase()}_URL`;
