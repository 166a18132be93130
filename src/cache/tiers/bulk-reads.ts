// Many strings at once: one MGET on a single server; on a cluster, where a command may touch one slot only, one pipeline
// for each node.

import calculateSlot from 'cluster-key-slot';
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from '../../platform/redis/redis-layers.js';

/** @returns in the order of the names; null where there is nothing, or nothing that is a string. */
export function readBuffers(client: RedisClient, names: readonly string[]): Promise<(Buffer | null)[]> {
  // MGET answers null for what is no string, where GET would fail.
  return client instanceof Cluster ? readFromNodes(client, names) : client.mgetBuffer(...names);
}

async function readFromNodes(cluster: Cluster, names: readonly string[]): Promise<(Buffer | null)[]> {
  const masters = new Map(cluster.nodes('master').map((node) => [`${node.options.host}:${node.options.port}`, node]));
  const found = new Map<string, Buffer | null>();
  const groups = Map.groupBy(names, (name) => cluster.slots[calculateSlot(name)]?.[0]);
  await Promise.all(
    [...groups].map(async ([address, some]) => {
      const buffers = await readFromNode(cluster, masters.get(address ?? ''), some);
      some.forEach((name, i) => {
        found.set(name, buffers[i] ?? null);
      });
    }),
  );
  return names.map((name) => found.get(name) ?? null);
}

async function readFromNode(
  cluster: Cluster,
  node: Redis | undefined,
  names: readonly string[],
): Promise<(Buffer | null)[]> {
  const single = async (name: string) => (await cluster.mgetBuffer(name))[0] ?? null;
  if (!node) return Promise.all(names.map(single));
  const pipeline = node.pipeline();
  for (const name of names) pipeline.mgetBuffer(name);
  const replies = (await pipeline.exec()) ?? [];
  return Promise.all(
    names.map((name, i) => {
      const [error, reply] = replies[i] ?? [new Error('no reply'), null];
      // A slot that has moved: the cluster's client follows it, and learns where it is.
      return error ? single(name) : ((reply as (Buffer | null)[])[0] ?? null);
    }),
  );
}
