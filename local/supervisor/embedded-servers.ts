import pg from 'pg';
import type { Guard } from '../servers/guard.ts';
import { postgresHome } from '../servers/postgres-home.ts';
import { postgresKind, postgresUrl } from '../servers/postgres-kind.ts';
import { redisKind, redisUrl } from '../servers/redis-kind.ts';
import { type Layer, layerSettings } from '../servers/redis-layers.ts';
import { Server } from '../servers/server.ts';
import type { ConfiguredConnections, Connections } from './connections.ts';
import type { DataDirectory } from './data-directory.ts';
import { keepRunning } from './keep-running.ts';
import { RememberedPorts } from './remembered-ports.ts';
import { secretFrom } from './secret-file.ts';

const databaseName = 'tiershop';

export interface ServerPids {
  postgres: number | undefined;
  redis: Partial<Record<Layer, number>>;
}

/** The servers that nobody configured: PostgreSQL and one Redis per layer, their data in the data directory. */
export class EmbeddedServers {
  readonly connections: Connections;
  readonly #postgres: Server | undefined;
  readonly #redis: ReadonlyMap<Layer, Server>;
  readonly #stopping = new AbortController();

  private constructor(connections: Connections, postgres: Server | undefined, redis: ReadonlyMap<Layer, Server>) {
    this.connections = connections;
    this.#postgres = postgres;
    this.#redis = redis;
  }

  /** Chooses ports and finds the programs; nothing runs yet. */
  static async prepare(data: DataDirectory, configured: ConfiguredConnections, guard: Guard): Promise<EmbeddedServers> {
    const ports = await RememberedPorts.read(data.portsFile);
    const redis = new Map<Layer, Server>();
    const urlOf = async (layer: Layer): Promise<string> => {
      const url = configured.redisUrls[layer];
      if (url) return url;
      const port = await ports.choose(layer);
      const settings = { name: `redis (${layer})`, directory: data.redis[layer], port, ...layerSettings[layer] };
      redis.set(layer, new Server(redisKind(settings), guard));
      return redisUrl(port);
    };
    const redisUrls = {
      operational: await urlOf('operational'),
      application: await urlOf('application'),
      session: await urlOf('session'),
    };

    let { databaseUrl } = configured;
    let postgres: Server | undefined;
    if (!databaseUrl) {
      const port = await ports.choose('postgres');
      const password = await secretFrom(data.postgresPasswordFile);
      const home = await postgresHome(data.postgres);
      postgres = new Server(postgresKind({ home, port, password, logFile: data.postgresLog, durable: true }), guard);
      databaseUrl = postgresUrl(port, password, databaseName);
    }
    await ports.save();
    return new EmbeddedServers({ databaseUrl, redisUrls }, postgres, redis);
  }

  get pids(): ServerPids {
    const redis = [...this.#redis].map(([layer, server]) => [layer, server.pid]);
    return { postgres: this.#postgres?.pid, redis: Object.fromEntries(redis) };
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** For people: which run, and on which port. */
  get description(): string {
    const ports = [
      ...(this.#postgres ? [`PostgreSQL on port ${new URL(this.connections.databaseUrl).port}`] : []),
      ...[...this.#redis.keys()].map(
        (layer) => `redis (${layer}) on ${new URL(this.connections.redisUrls[layer]).port}`,
      ),
    ];
    return ports.join(', ');
  }

  async start(): Promise<void> {
    await Promise.all(this.#all.map((server) => server.start()));
    if (this.#postgres) await ensureDatabase(this.connections.databaseUrl);
  }

  /** Brings back whatever ends, until `stop`. Throws when something cannot be brought back. */
  async keepRunning(onChange: () => Promise<void>): Promise<void> {
    await Promise.all(this.#all.map((server) => keepRunning(server, this.#stopping.signal, onChange)));
  }

  /** Whether none of them is down. */
  get areUp(): boolean {
    return this.#all.every((server) => server.pid !== undefined);
  }

  /** Redis first: nothing writes to it from PostgreSQL, and both are idle by now. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#redis.values()].map((server) => server.stop()));
    await this.#postgres?.stop();
  }

  get #all(): Server[] {
    return [...this.#redis.values(), ...(this.#postgres ? [this.#postgres] : [])];
  }
}

/** Makes the shop's database in a new cluster. */
async function ensureDatabase(databaseUrl: string): Promise<void> {
  const admin = new URL(databaseUrl);
  admin.pathname = '/postgres';
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`);
  } finally {
    await client.end();
  }
}
