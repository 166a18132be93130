import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import { startRedis, type TestRedis } from './redis-servers.js';

const SLOTS = 16_384;
const MASTERS = 3;
const FORMING_MS = 20_000;

/** A real Redis Cluster on the loopback: three masters with a third of the slots each, and a replica of each. */
export interface TestRedisCluster {
  /** `redis+cluster://…`, as the settings take it. */
  readonly url: string;
  /** The masters at the start; `kill9`, `freeze` and the rest as of any server. */
  readonly masters: readonly TestRedis[];
  readonly replicas: readonly TestRedis[];
  flushAll(): Promise<void>;
  /** Stops all nodes for good and deletes their data; for `afterAll`. */
  remove(): Promise<void>;
}

export async function startRedisCluster(): Promise<TestRedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 2 * MASTERS }, () => startRedis({ cluster: true })));
  const clients = nodes.map(({ port }) => new Redis(port, '127.0.0.1'));
  try {
    await form(nodes, clients);
  } finally {
    for (const client of clients) client.disconnect();
  }
  const masters = nodes.slice(0, MASTERS);
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    masters,
    replicas: nodes.slice(MASTERS),
    flushAll: async () => {
      await Promise.all(masters.map(flush));
    },
    remove: async () => {
      await Promise.all(nodes.map((node) => node.remove()));
    },
  };
}

async function form(nodes: readonly TestRedis[], clients: readonly Redis[]): Promise<void> {
  const [first] = clients;
  if (!first) throw new Error('a cluster has nodes');
  for (const { port } of nodes) await first.call('CLUSTER', 'MEET', '127.0.0.1', port);
  await Promise.all(
    clients.slice(0, MASTERS).map((client, i) => {
      const from = Math.ceil((i * SLOTS) / MASTERS);
      return client.call('CLUSTER', 'ADDSLOTSRANGE', from, Math.ceil(((i + 1) * SLOTS) / MASTERS) - 1);
    }),
  );
  const ids = await Promise.all(clients.map((client) => client.call('CLUSTER', 'MYID') as Promise<string>));
  await Promise.all(
    clients.slice(MASTERS).map((client, i) =>
      // It can follow a master only after it has heard of it.
      eventually(() => client.call('CLUSTER', 'REPLICATE', ids[i] ?? ''), FORMING_MS),
    ),
  );
  await Promise.all(clients.map((client) => eventually(() => isWhole(client, nodes.length), FORMING_MS)));
}

async function isWhole(client: Redis, nodes: number): Promise<void> {
  const info = (await client.call('CLUSTER', 'INFO')) as string;
  const known = (await client.call('CLUSTER', 'NODES')) as string;
  const replicas = known.split('\n').filter((line) => line.includes('slave')).length;
  if (!info.includes('cluster_state:ok') || replicas !== nodes - MASTERS)
    throw new Error('the cluster is not whole yet');
}

async function flush({ port }: TestRedis): Promise<void> {
  const client = new Redis(port, '127.0.0.1');
  try {
    await client.flushall();
  } finally {
    client.disconnect();
  }
}
