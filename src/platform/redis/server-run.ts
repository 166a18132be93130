import { hash } from 'node:crypto';
import type { Layer, RedisClient, RedisLayers } from './redis-layers.js';
import { onOtherServers, serversOf } from './servers.js';

/**
 * The run id of the server that a layer is connected to: a server that was restarted, or another one after a failover,
 * may have come back with less than it had acknowledged, and has another run id. Of a Cluster it stands for all masters
 * together. Known for one connection, or for one look at the slots of a Cluster, only.
 */
export class ServerRun {
  private runId: string | undefined;
  /** Of looks at the servers that end out of their order the last one counts. */
  private looks = 0;

  constructor(layers: RedisLayers, layer: Layer) {
    const client = layers.client(layer);
    // Of a connection that has closed there is nothing to read: then it is not known.
    onOtherServers(client, () => void this.read(client));
    layers.onReady(layer, (ready) => this.read(ready));
  }

  /** Undefined while it is not known: nothing that this server keeps can be told from what it has lost. */
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
