import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Layer, layerSettings, type RedisSettings } from '../../local/servers/redis-layers.ts';
import { TemporaryRedis } from '../../local/servers/temporary-redis.ts';

/** A redis-server for a test to kill, freeze and empty. */
export class TestRedis {
  readonly url: string;
  readonly port: number;
  /** This one server in the place of all three layers. */
  readonly urls: Record<Layer, string>;
  readonly #redis: TemporaryRedis;
  readonly #aof: string;
  readonly #keptAof: string;

  constructor(redis: TemporaryRedis) {
    this.url = redis.url;
    this.port = redis.port;
    this.urls = { operational: redis.url, application: redis.url, session: redis.url };
    this.#redis = redis;
    this.#aof = join(redis.directory, 'appendonlydir');
    this.#keptAof = join(redis.directory, 'kept');
  }

  /** Starts it again after `stop` or `kill9`: same port, same data as far as it was persistent. */
  start(): Promise<void> {
    return this.#redis.server.start();
  }

  /** Ends it in good order; `start` may follow. */
  stop(): Promise<void> {
    return this.#redis.server.stop();
  }

  /** Ends it as a crash would: connections break, up to a second of its append-only file is lost. */
  kill9(): Promise<void> {
    return this.#redis.server.kill9();
  }

  /** Copies its append-only file as it is on disk now, for `putBackAof`; it goes on meanwhile. */
  keepAof(): Promise<void> {
    return cp(this.#aof, this.#keptAof, { recursive: true });
  }

  /** Puts the kept append-only file in the place of the present one. The server must not run. */
  async putBackAof(): Promise<void> {
    await rm(this.#aof, { recursive: true });
    await cp(this.#keptAof, this.#aof, { recursive: true });
  }

  /** Forgets everything, and goes on. */
  async flush(): Promise<void> {
    await this.#order((client) => client.flushall());
  }

  /** Refuses these commands to everybody, in scripts as well, and goes on with all others. */
  async refuse(...commands: readonly string[]): Promise<void> {
    await this.#order((client) => client.call('ACL', 'SETUSER', 'default', ...commands.map((name) => `-${name}`)));
  }

  /** Takes these commands again; all of them when none is named. */
  async accept(...commands: readonly string[]): Promise<void> {
    const names = commands.length > 0 ? commands : ['@all'];
    await this.#order((client) => client.call('ACL', 'SETUSER', 'default', ...names.map((name) => `+${name}`)));
  }

  /** It keeps its connections and answers nothing. */
  freeze(): void {
    this.#redis.server.signal('SIGSTOP');
  }

  thaw(): void {
    this.#redis.server.signal('SIGCONT');
  }

  /** Stops it for good and deletes its data; for `afterAll`. */
  remove(): Promise<void> {
    return this.#redis.remove();
  }

  async #order(carryOut: (client: Redis) => Promise<unknown>): Promise<void> {
    const client = new Redis(this.url, { lazyConnect: true, maxRetriesPerRequest: 0 });
    client.on('error', () => {});
    await client.connect();
    await carryOut(client);
    client.disconnect();
  }
}

/** The three layers of a test, each a server of its own. */
export interface TestRedisLayers extends Record<Layer, TestRedis> {
  readonly urls: Record<Layer, string>;
  /** Stops all for good and deletes their data; for `afterAll`. */
  remove(): Promise<void>;
}

/** One redis-server on a free port; unbounded in practice and without persistence unless asked for. */
export async function startRedis(settings: Partial<RedisSettings> = {}): Promise<TestRedis> {
  const all: RedisSettings = { policy: 'noeviction', maxMemoryMb: 256, aof: false, ...settings };
  return new TestRedis(await TemporaryRedis.start('redis (test)', all));
}

/** One redis-server per layer, with the policies of the real ones. */
export async function startRedisLayers(): Promise<TestRedisLayers> {
  const startLayer = async (layer: Layer) =>
    new TestRedis(await TemporaryRedis.start(`redis (${layer})`, layerSettings[layer]));
  const [operational, application, session] = await Promise.all([
    startLayer('operational'),
    startLayer('application'),
    startLayer('session'),
  ]);
  return {
    operational,
    application,
    session,
    urls: { operational: operational.url, application: application.url, session: session.url },
    async remove() {
      await Promise.all([operational.remove(), application.remove(), session.remove()]);
    },
  };
}
