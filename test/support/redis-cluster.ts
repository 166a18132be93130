import { Redis } from 'ioredis';
import { freePort } from '../../local/servers/free-port.ts';
import { eventually } from './eventually.js';
import { startRedis, type TestRedis } from './redis-servers.js';

const MASTERS = 3;
const NODES = 6;
const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_000;
const CONVERGE_MS = 30_000;

/** A Redis Cluster on the loopback: three masters, each with a replica. */
export interface TestRedisCluster {
  /** As settings take it. */
  readonly url: string;
  /** As they were at the start. */
  readonly masters: readonly TestRedis[];
  readonly replicas: readonly TestRedis[];
  flushAll(): Promise<void>;
  /** Waits until every replica has what its master has now. Only while none has been killed. */
  replicated(): Promise<void>;
  /** Ends the master that serves this key as a crash would. */
  killMasterOf(key: string): Promise<void>;
  /** Ms until all slots are served again, counted from the call. */
  untilServed(): Promise<number>;
  /** Starts killed nodes again: each becomes a replica of the one that took over. */
  repair(): Promise<void>;
  /** Stops all nodes for good and deletes their data; for `afterAll`. */
  remove(): Promise<void>;
}

export async function startRedisCluster(): Promise<TestRedisCluster> {
  const nodes = await Promise.all(Array.from({ length: NODES }, startNode));
  await Promise.all(nodes.map(({ redis }, i) => ask(redis, ['CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1)])));
  await join(nodes);
  const killed = new Set<TestRedis>();
  const servers = nodes.map(({ redis }) => redis);
  const masters = servers.slice(0, MASTERS);
  const living = () => servers.filter((redis) => !killed.has(redis));
  return {
    url: `redis+cluster://${nodes.map(({ redis }) => `127.0.0.1:${redis.port}`).join(',')}`,
    masters,
    replicas: servers.slice(MASTERS),
    async flushAll() {
      await Promise.all(masters.map((redis) => ask(redis, ['FLUSHALL'])));
    },
    async replicated() {
      await Promise.all(masters.map(untilReplicated));
    },
    async killMasterOf(key) {
      const [first] = living();
      const slot = Number(await ask(first!, ['CLUSTER', 'KEYSLOT', key]));
      const ranges = (await ask(first!, ['CLUSTER', 'SLOTS'])) as [number, number, [string, number]][];
      const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
      const master = living().find((redis) => redis.port === port);
      if (!master) throw new Error(`No living node serves slot ${slot}.`);
      killed.add(master);
      await master.kill9();
    },
    async untilServed() {
      const beganAtMs = performance.now();
      await eventually(() => Promise.all(living().map(requireServed)), CONVERGE_MS);
      return performance.now() - beganAtMs;
    },
    async repair() {
      await Promise.all([...killed].map((redis) => redis.start()));
      killed.clear();
      await eventually(() => requireReplicas(living()), CONVERGE_MS);
    },
    async remove() {
      await Promise.all(nodes.map(({ redis }) => redis.remove()));
    },
  };
}

interface Node {
  readonly redis: TestRedis;
  readonly busPort: number;
}

async function startNode(): Promise<Node> {
  const busPort = await freePort();
  const directives = [
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    `cluster-port ${busPort}`,
    `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
    'repl-diskless-sync-delay 0',
  ];
  return { redis: await startRedis({ directives }), busPort };
}

async function join(nodes: readonly Node[]): Promise<void> {
  const [first, ...others] = nodes;
  const perMaster = Math.ceil(SLOTS / MASTERS);
  for (let i = 0; i < MASTERS; i++) {
    const range = [i * perMaster, Math.min(SLOTS, (i + 1) * perMaster) - 1].map(String);
    await ask(nodes[i]!.redis, ['CLUSTER', 'ADDSLOTSRANGE', ...range]);
  }
  for (const { redis, busPort } of others) {
    await ask(first!.redis, ['CLUSTER', 'MEET', '127.0.0.1', String(redis.port), String(busPort)]);
  }
  const ids = (await Promise.all(nodes.map(({ redis }) => ask(redis, ['CLUSTER', 'MYID'])))) as string[];
  for (let i = MASTERS; i < NODES; i++) {
    await eventually(() => ask(nodes[i]!.redis, ['CLUSTER', 'REPLICATE', ids[i - MASTERS]!]), CONVERGE_MS);
  }
  await eventually(async () => {
    await Promise.all(nodes.map(({ redis }) => requireServed(redis)));
    await requireReplicas(nodes.map(({ redis }) => redis));
    const known = String(await ask(first!.redis, ['CLUSTER', 'NODES']));
    if (known.match(/ slave /g)?.length !== NODES - MASTERS) throw new Error('Not all replicas are known yet.');
  }, CONVERGE_MS);
}

async function requireReplicas(nodes: readonly TestRedis[]): Promise<void> {
  const replications = await Promise.all(nodes.map(async (redis) => String(await ask(redis, ['INFO', 'replication']))));
  const copies = replications.filter((replication) => replication.includes('master_link_status:up'));
  if (copies.length !== NODES - MASTERS) throw new Error('Not every master has a replica with a copy yet.');
}

async function untilReplicated(master: TestRedis): Promise<void> {
  const replication = async () => String(await ask(master, ['INFO', 'replication']));
  const written = Number(/^master_repl_offset:(\d+)/m.exec(await replication())?.[1]);
  await eventually(async () => {
    const copied = Number(/^slave0:.*,offset=(\d+)/m.exec(await replication())?.[1]);
    if (!(copied >= written)) throw new Error('The replica is behind its master.');
  }, CONVERGE_MS);
}

async function requireServed(redis: TestRedis): Promise<void> {
  const info = String(await ask(redis, ['CLUSTER', 'INFO']));
  if (!info.includes('cluster_state:ok') || !info.includes(`cluster_slots_ok:${SLOTS}`)) {
    throw new Error('Not all slots are served yet.');
  }
}

/** One command to one server, over a connection of its own. */
export async function ask({ port }: TestRedis, [name = '', ...args]: readonly string[]): Promise<unknown> {
  const client = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}
