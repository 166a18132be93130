import { hash } from 'node:crypto';
import type { Layer, RedisClient, RedisLayers } from './redis-layers.js';
import { onOtherServers, serversOf } from './servers.js';

/**
 * The run id of the server that a layer is connected to: a server that was restarted, or another one after a failover, may
 * have come back with less than it had acknowledged, and has another run id. For a Cluster it stands for all masters
 * together. Valid only for one connection, or one look at the slots of a Cluster.
 */
export class ServerRun {
  private runId: string | undefined;
  /** When looks at the servers end out of order, the one begun last counts. */
  private looks = 0;

  constructor(layers: RedisLayers, layer: Layer) {
    const client = layers.client(layer);
    // A closed connection has nothing to read: then the id is unknown.
    onOtherServers(client, () => void this.read(client));
    layers.onReady(layer, (ready) => this.read(ready));
  }

  /** Undefined while it is not known: then nothing tells whether this server has lost anything. */
  get id(): string | undefined {
    return this.runId;
  }

  private async read(client: RedisClient): Promise<void> {
    const look = this.forget();
    const id = await runIdOf(client).catch(() => undefined);
    if (look === this.looks) this.runId = id;
  }

  private forget(): number {
    this.runId = undefined;
    this.looks += 1;
    return this.looks;
  }
}

async function runIdOf(client: RedisClient): Promise<string | undefined> {
  const runs = await Promise.all(
    serversOf(client).map(async (server) => /^run_id:(\w+)/m.exec(await server.info('server'))?.[1] ?? ''),
  );
  if (runs.length === 0 || runs.includes('')) return undefined;
  return runs.length === 1 ? runs[0] : hash('sha1', runs.sort().join());
}
