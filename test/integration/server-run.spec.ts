// What a copy in redis must come from to be believed.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { ServerRun } from '../../src/platform/redis/server-run.js';
import { eventually } from '../support/eventually.js';
import { startRedisCluster, type TestRedisCluster } from '../support/redis-cluster.js';

let cluster: TestRedisCluster;
const opened: RedisLayers[] = [];
beforeAll(async () => {
  cluster = await startRedisCluster();
}, 60_000);
afterAll(async () => {
  await Promise.all(opened.map((layers) => layers.close()));
  await cluster.remove();
});

async function startProcess() {
  const redisUrls = { operational: cluster.url, application: cluster.url, session: cluster.url };
  const layers = new RedisLayers({ redisUrls, REDIS_COMMAND_TIMEOUT_MS: 1_000 }, pino({ level: 'silent' }));
  opened.push(layers);
  await layers.waitUntilUp(5_000);
  return { run: new ServerRun(layers, 'operational'), client: layers.client('operational') };
}

it('of a Cluster it is one for all processes, and another one when any master has been replaced', async () => {
  const processes = [await startProcess(), await startProcess()];
  const ids = () => processes.map(({ run }) => run.id);
  await eventually(() => expect(ids()).toEqual([expect.any(String), ids()[0]]));
  const [before] = ids();
  await cluster.killMasterOf('any key');
  await cluster.untilServed();
  await eventually(async () => {
    // As the clients of a shop do all the time: what a node that has gone does not answer makes them look for another.
    await Promise.all(processes.map(({ client }) => client.exists('any key')));
    expect(ids()).toEqual([expect.any(String), ids()[0]]);
    expect(ids()).not.toContain(before);
  }, 20_000);
}, 60_000);
