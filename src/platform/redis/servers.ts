// The servers behind a client: one, or the masters of a Cluster.
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './redis-layers.js';

export const serversOf = (client: RedisClient): Redis[] =>
  client instanceof Cluster ? client.nodes('master') : [client];

/**
 * Calls the listener when the servers may have changed: the connection has closed, or a Cluster reads its slots anew, since
 * a node has gone or says that another one serves a slot now.
 */
export function onOtherServers(client: RedisClient, listener: () => void): void {
  client.on('close', listener);
  if (client instanceof Cluster) client.on('refresh', listener);
}
