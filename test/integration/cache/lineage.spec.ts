// The clock of a redis that has lost its stamps begins anew, under another name. What was said under the old name while
// it still held may arrive later than what has shown that it does not hold any more.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { type RedisClient, RedisLayers } from '../../../src/platform/redis/redis-layers.js';
import { eventually } from '../../support/eventually.js';
import { aKey, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

/** Keeps replies back that the follower of the stream is to be given, from `hold` on until they are let through. */
class LateReplies {
  private readonly gates = new Map<'evalsha' | 'xread', PromiseWithResolvers<void>>();
  private readonly arrived = Promise.withResolvers<void>();

  /** Of the processes that start from now on. */
  constructor() {
    const open = RedisLayers.prototype.dedicated;
    const late = (reader: RedisClient) => this.delay(reader);
    jest.spyOn(RedisLayers.prototype, 'dedicated').mockImplementation(function dedicated(this: RedisLayers, ...args) {
      return late(open.apply(this, args));
    });
  }

  /** Resolves when there is a reply that says how the clock stands now. */
  async hold(): Promise<void> {
    this.gates.set('evalsha', Promise.withResolvers());
    await this.arrived.promise;
    this.gates.set('xread', Promise.withResolvers());
  }

  let(command: 'evalsha' | 'xread'): void {
    this.gates.get(command)?.resolve();
    this.gates.delete(command);
  }

  private delay(reader: RedisClient): RedisClient {
    for (const command of ['evalsha', 'xread'] as const) {
      const send = reader[command].bind(reader) as (...args: unknown[]) => Promise<unknown>;
      const sendAndWait = async (...args: unknown[]) => {
        const reply = await send(...args);
        const gate = this.gates.get(command);
        if (gate && command === 'evalsha') this.arrived.resolve();
        await gate?.promise;
        return reply;
      };
      jest.spyOn(reader, command).mockImplementation(sendAndWait as never);
    }
    return reader;
  }
}

it('is not believed again by a reply that is older than the loss', async () => {
  const late = new LateReplies();
  const a = await rig.startProcess();
  const key = aKey();
  await rig.write(a, key, 1);
  await versionOf(a, key);
  await a.cache.settled();
  await sleep(cacheLimits.followBlockMs); // by now the message of version 1 has been followed
  await late.hold();
  // The stamps are lost, and the next invalidation begins a new space: this process sees so in its answer.
  await redisOf(a).del(keyspace.application.tagStamps());
  rig.origin.versions.set(key, 2);
  await a.cache.invalidate({ tags: [`product:${key}`] });
  late.let('evalsha');
  await sleep(5);
  const seen = await versionOf(a, key);
  late.let('xread');
  expect(seen).toBe(2);
  await eventually(() => expect(a.cache.isCurrent).toBe(true));
  expect(await versionOf(a, key)).toBe(2);
});
