import type { Layer, RedisLayers } from './redis-layers.js';

/**
 * The run id of the server that a layer is connected to: a server that was restarted, or another one after a failover,
 * may have come back with less than it had acknowledged, and has another run id. Known for one connection only.
 */
export class ServerRun {
  private runId: string | undefined;

  constructor(layers: RedisLayers, layer: Layer) {
    layers.client(layer).on('close', () => {
      this.runId = undefined;
    });
    layers.onReady(layer, async (client) => {
      this.runId = /^run_id:(\w+)/m.exec(await client.info('server'))?.[1];
    });
  }

  /** Undefined while it is not known: nothing that this server keeps can be told from what it has lost. */
  get id(): string | undefined {
    return this.runId;
  }
}
