// A replica that was behind takes over a part of a Redis Cluster: what PostgreSQL has newer is not written over.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WriteBehind } from '../../../src/cache/write-behind/write-behind.js';
import { newSecretId } from '../../../src/platform/ids.js';
import { keyspace, sessionShard } from '../../../src/platform/keyspace.js';
import { Metrics } from '../../../src/platform/metrics.js';
import { RedisLayers } from '../../../src/platform/redis/redis-layers.js';
import { eventually } from '../../support/eventually.js';
import { ask, startRedisCluster, type TestRedisCluster } from '../../support/redis-cluster.js';
import { database, kind, logger, redis, row, useWriteBehind } from './write-behind-rig.js';

useWriteBehind();

describe('a part of a Redis Cluster', () => {
  let cluster: TestRedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 60_000);
  afterAll(() => cluster.remove());

  it('that is taken over by a replica that was behind is not believed', async () => {
    const redisUrls = { operational: redis.url, application: redis.url, session: cluster.url };
    const layers = new RedisLayers({ redisUrls, REDIS_COMMAND_TIMEOUT_MS: 1_000 }, logger);
    await layers.waitUntilUp(5_000);
    const writeBehind = new WriteBehind(layers, database, new Metrics(), logger, { pauseMs: 10 });
    const notes = writeBehind.register(kind); // a process that serves requests: others fold
    try {
      const id = newSecretId();
      expect(await notes.create(id, { text: 'one' })).toMatchObject({ version: 1 });
      await writeBehind.flush();
      await cluster.replicated();
      for (const master of cluster.masters) {
        await master.refuse('psync', 'sync');
        await ask(master, ['CLIENT', 'KILL', 'TYPE', 'replica']);
      }
      expect(await notes.put(id, 1, { text: 'two' })).toMatchObject({ outcome: 'ok', version: 2 });
      expect(await notes.put(id, 2, { text: 'three' })).toMatchObject({ outcome: 'ok', version: 3 });
      await writeBehind.flush();
      expect(await row(id)).toEqual({ version: 3, document: { text: 'three' } });
      await cluster.killMasterOf(keyspace.session.epoch(sessionShard(id)));
      await cluster.untilServed(); // nobody asks meanwhile
      // The client follows to the new master, as it does by itself in five seconds.
      await eventually(() => layers.client('session').exists(keyspace.session.epoch(sessionShard(id))));
      const seen = await notes.get(id);
      const put = await notes.put(id, seen?.version ?? 0, { text: `after ${seen?.document.text}` });
      await writeBehind.flush();
      expect({ seen: seen?.document.text, put: put.outcome, kept: (await row(id))?.document.text }).toEqual({
        seen: 'three',
        put: 'ok',
        kept: 'after three',
      });
    } finally {
      await layers.close();
    }
  }, 60_000);
});
