/** The three uses of Redis, each with its own process, memory policy and persistence (see ARCHITECTURE.md). */
export const layers = ['operational', 'application', 'session'] as const;
export type Layer = (typeof layers)[number];

/** How one redis-server keeps its data. */
export interface RedisSettings {
  policy: 'noeviction' | 'allkeys-lfu' | 'volatile-ttl';
  maxMemoryMb: number;
  /** Append-only file, written through every second. Without it nothing survives a restart. */
  aof: boolean;
  /** More lines of its configuration. */
  directives?: readonly string[];
}

/** What each layer gets on one machine. Only the operational layer must never lose a key to save memory. */
export const layerSettings: Record<Layer, RedisSettings> = {
  operational: { policy: 'noeviction', maxMemoryMb: 512, aof: true },
  application: { policy: 'allkeys-lfu', maxMemoryMb: 256, aof: false },
  session: { policy: 'volatile-ttl', maxMemoryMb: 256, aof: true },
};
