import { Cluster, type Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { tenantPrefix } from '../keyspace.js';
import { LayerWatch } from './layer-watch.js';
import { TurnRedis } from './turn-redis.js';

export const LAYERS = ['operational', 'application', 'session'] as const;
export type Layer = (typeof LAYERS)[number];
export type RedisClient = Redis | Cluster;

/** What each layer's `maxmemory-policy` should match: the operational layer loses stock holds if its server evicts keys. */
export const expectedMemoryPolicy: Record<Layer, RegExp> = {
  operational: /^noeviction$/,
  application: /^allkeys-/,
  session: /^(volatile-|noeviction)/,
};

/** A sentence for whoever starts the shop: which layers cannot be reached, and what to look at. */
export function describeUnreachable(layers: readonly Layer[]): string {
  const settings = layers.map((layer) => `REDIS_${layer.toUpperCase()}_URL`).join(', ');
  return (
    `Redis cannot be reached for: ${layers.join(', ')}. The shop goes on without, and uses it once it answers. ` +
    `Check that it runs, and REDIS_URL or ${settings}.`
  );
}

/** The settings of a connection; replies keep the shapes of RESP2, whichever protocol is spoken. */
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;
type ReadyListener = (client: RedisClient) => Promise<void> | void;

/**
 * The three connections to Redis. A command never waits for a dead server: no offline queue, no resend after a
 * reconnect (a script would run twice), one deadline for each command.
 */
export class RedisLayers {
  private readonly clients: Record<Layer, RedisClient>;
  private readonly watches: Record<Layer, LayerWatch>;
  private readonly readyListeners = new Map<Layer, ReadyListener[]>();
  private readonly extra = new Set<RedisClient>();

  constructor(
    private readonly config: Pick<Config, 'redisUrls' | 'REDIS_COMMAND_TIMEOUT_MS' | 'TENANT'>,
    private readonly logger: Logger,
  ) {
    this.clients = {
      operational: this.open('operational'),
      application: this.open('application'),
      session: this.open('session'),
    };
    this.watches = {
      operational: this.watchOver('operational'),
      application: this.watchOver('application'),
      session: this.watchOver('session'),
    };
  }

  client(layer: Layer): RedisClient {
    return this.clients[layer];
  }

  /** Whether commands can be sent to the layer now. */
  isUp(layer: Layer): boolean {
    return this.clients[layer].status === 'ready';
  }

  /** Whether the layer is used, and what to do instead while it is not. */
  watch(layer: Layer): LayerWatch {
    return this.watches[layer];
  }

  /** Calls `listener` each time the layer's connection becomes ready, the first time included. */
  onReady(layer: Layer, listener: ReadyListener): void {
    this.readyListeners.set(layer, [...(this.readyListeners.get(layer) ?? []), listener]);
    if (this.isUp(layer)) void this.callListener(layer, listener);
  }

  /** A connection of its own for commands that block (XREAD BLOCK) or subscribe. It is closed with the layers. */
  dedicated(layer: Layer, options: Pick<RedisOptions, 'commandTimeout'> = {}): RedisClient {
    const client = this.connect(layer, options);
    this.extra.add(client);
    return client;
  }

  /** Waits until every layer answers, for a bounded time. @returns the layers that do not. */
  async waitUntilUp(timeoutMs: number): Promise<Layer[]> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline && LAYERS.some((layer) => !this.isUp(layer))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return LAYERS.filter((layer) => !this.isUp(layer));
  }

  async close(): Promise<void> {
    for (const watch of Object.values(this.watches)) watch.close();
    for (const client of [...Object.values(this.clients), ...this.extra]) client.disconnect();
  }

  private open(layer: Layer): RedisClient {
    const client = this.connect(layer, {});
    client.on('ready', () => {
      this.logger.info({ layer }, 'redis layer is up');
      for (const listener of this.readyListeners.get(layer) ?? []) void this.callListener(layer, listener);
    });
    return client;
  }

  private watchOver(layer: Layer): LayerWatch {
    return new LayerWatch(layer, () => this.clients[layer].ping(), this.logger);
  }

  private async callListener(layer: Layer, listener: ReadyListener): Promise<void> {
    try {
      await listener(this.clients[layer]);
    } catch (error) {
      this.logger.warn({ layer, err: error }, 'a step after connecting to redis failed');
    }
  }

  private connect(layer: Layer, options: Pick<RedisOptions, 'commandTimeout'>): RedisClient {
    const { TENANT } = this.config;
    const client = connectTo(this.config.redisUrls[layer], {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      commandTimeout: this.config.REDIS_COMMAND_TIMEOUT_MS,
      connectTimeout: 2_000,
      disconnectTimeout: 100,
      connectionName: `tiershop:${layer}`,
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000) * (0.75 + Math.random() / 2),
      // The other layers are caches and documents of one shop; only this one is worth a cluster that shops share.
      ...(TENANT && layer === 'operational' && { keyPrefix: tenantPrefix(TENANT) }),
      ...options,
    });
    let lastMessage = '';
    client.on('error', (error: Error) => {
      if (error.message !== lastMessage) this.logger.warn({ layer, err: error }, 'redis layer has an error');
      lastMessage = error.message;
    });
    client.on('ready', () => {
      lastMessage = '';
    });
    return client;
  }
}

/** Opens one server, Sentinel (`redis+sentinel://h1:26379,h2:26379/master`) or Cluster (`redis+cluster://h1:6379,h2:6379`). */
function connectTo(url: string, options: ConnectionOptions): RedisClient {
  const match = /^redis\+(sentinel|cluster):\/\/(?:([^:@/]*):([^@/]*)@)?([^/]+)(?:\/(.*))?$/.exec(url);
  if (!match) return new TurnRedis(url, options);
  const [, kind, username, password, hosts = '', path] = match;
  const nodes = hosts.split(',').map((node) => {
    const [host = '127.0.0.1', port] = node.split(':');
    return { host, port: Number(port ?? (kind === 'sentinel' ? 26_379 : 6_379)) };
  });
  const auth = { ...(username && { username }), ...(password && { password: decodeURIComponent(password) }) };
  if (kind === 'sentinel') return new TurnRedis({ ...options, ...auth, sentinels: nodes, name: path || 'mymaster' });
  const { retryStrategy, enableOfflineQueue: _queue, ...redisOptions } = options;
  return new Cluster(nodes, {
    redisOptions: { ...redisOptions, ...auth },
    enableOfflineQueue: false,
    scaleReads: 'master',
    ...(retryStrategy && { clusterRetryStrategy: (attempt: number) => Number(retryStrategy(attempt)) }),
  });
}
