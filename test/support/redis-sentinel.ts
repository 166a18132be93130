import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../local/servers/free-port.ts';
import { Guard } from '../../local/servers/guard.ts';
import { answersPing } from '../../local/servers/redis-kind.ts';
import { Server } from '../../local/servers/server.ts';
import { temporaryDirectory } from '../../local/servers/temporary-directory.ts';
import { eventually } from './eventually.js';
import { ask } from './redis-cluster.js';
import { startRedis, type TestRedis } from './redis-servers.js';

const MASTER_NAME = 'shop';
const SENTINELS = 3;
const DOWN_AFTER_MS = 500;
const CONVERGE_MS = 30_000;

/** A master and its replica on the loopback, watched over by three Sentinels. */
export interface TestRedisSentinel {
  /** As settings take it. */
  readonly url: string;
  /** Ends the master as a crash would and waits until the replica has taken over. @returns ms until then */
  failOver(): Promise<number>;
  /** Stops all for good and deletes their data; for `afterAll`. */
  remove(): Promise<void>;
}

export async function startRedisSentinel(): Promise<TestRedisSentinel> {
  const master = await startRedis();
  const replica = await startRedis({
    directives: [`replicaof 127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay 0'],
  });
  await eventually(async () => {
    const replication = String(await ask(replica, ['INFO', 'replication']));
    if (!replication.includes('master_link_status:up')) throw new Error('The replica has no copy yet.');
  }, CONVERGE_MS);
  const directory = await temporaryDirectory('disk');
  const guard = new Guard([directory]);
  const ports: number[] = [];
  const sentinels: Server[] = [];
  for (let i = 0; i < SENTINELS; i++) {
    const port = await freePort();
    const sentinel = new Server(sentinelKind(join(directory, String(i)), port, master.port), guard);
    await sentinel.start();
    ports.push(port);
    sentinels.push(sentinel);
  }
  await eventually(() => Promise.all(ports.map(requireAllKnown)), CONVERGE_MS);
  return {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${MASTER_NAME}`,
    async failOver() {
      const beganAtMs = performance.now();
      await master.kill9();
      await eventually(async () => {
        if (!String(await ask(replica, ['ROLE'])).startsWith('master')) throw new Error('It is a replica still.');
      }, CONVERGE_MS);
      return performance.now() - beganAtMs;
    },
    async remove() {
      await Promise.all(sentinels.map((sentinel) => sentinel.stop()));
      await Promise.all([master.remove(), replica.remove(), guard.close()]);
    },
  };
}

function sentinelKind(directory: string, port: number, masterPort: number) {
  const file = join(directory, 'sentinel.conf');
  return {
    name: 'sentinel (test)',
    logFile: join(directory, 'sentinel.log'),
    stop: { stage: 1, signal: 'SIGTERM' as const, graceMs: 5_000 },
    async prepare() {
      await mkdir(directory, { recursive: true });
      const lines = [
        'bind 127.0.0.1',
        `port ${port}`,
        `dir "${directory}"`,
        `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} 2`,
        `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${MASTER_NAME} 3000`,
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      return { file: 'redis-server', args: [file, '--sentinel'] };
    },
    isReady: (pid: number) => answersPing(port, pid),
  };
}

/** A Sentinel that knows the replica and the other Sentinels can lead a failover. */
async function requireAllKnown(port: number): Promise<void> {
  const state = ((await ask({ port } as TestRedis, ['SENTINEL', 'MASTER', MASTER_NAME])) as unknown[]).map(String);
  const countOf = (field: string) => Number(state[state.indexOf(field) + 1]);
  if (countOf('num-slaves') < 1 || countOf('num-other-sentinels') < SENTINELS - 1) {
    throw new Error('A Sentinel does not know all of the others yet.');
  }
}
