import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { RedisSettings } from './redis-layers.ts';
import type { ServerKind } from './server.ts';

const pingTimeoutMs = 500;

export interface RedisOptions extends RedisSettings {
  name: string;
  directory: string;
  port: number;
}

/** A redis-server on the loopback, with its settings in a file that can be read. */
export function redisKind(options: RedisOptions): ServerKind {
  const { name, directory, port } = options;
  const configFile = join(directory, 'redis.conf');
  return {
    name,
    logFile: join(directory, 'redis.log'),
    stop: { stage: 2, signal: 'SIGTERM', graceMs: 10_000 },
    async prepare() {
      await mkdir(directory, { recursive: true });
      await writeFile(configFile, configOf(options));
      return { file: 'redis-server', args: [configFile] };
    },
    isReady: (pid) => answersPing(port, pid),
  };
}

/** The file that holds the pid of the redis-server working in a directory. */
export const redisPidFile = (directory: string): string => join(directory, 'redis.pid');

export const redisUrl = (port: number): string => `redis://127.0.0.1:${port}`;

function configOf({ directory, port, policy, maxMemoryMb, aof, directives = [] }: RedisOptions): string {
  const lines = [
    '# Written at each start.',
    'bind 127.0.0.1',
    `port ${port}`,
    'daemonize no',
    `dir "${directory}"`,
    `pidfile "${redisPidFile(directory)}"`,
    // Keeps this file's name in the command line, which identifies a server left behind.
    'set-proc-title no',
    `maxmemory ${maxMemoryMb}mb`,
    `maxmemory-policy ${policy}`,
    'save ""',
    `appendonly ${aof ? 'yes' : 'no'}`,
    'appendfsync everysec',
    ...directives,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Whether this very process answers; it does not while it loads its file. If another process has the port, the one that
 * was started is about to find that out.
 */
export function answersPing(port: number, pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    let said = '';
    const answer = (isReady: boolean) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(pingTimeoutMs, () => answer(false));
    socket.once('error', () => answer(false));
    socket.once('end', () => answer(false));
    socket.on('data', (data) => {
      said += data.toString();
      const [, server] = /^process_id:(\d+)\r$/m.exec(said) ?? [];
      if (!'+PONG'.startsWith(said.slice(0, 5)) || server !== undefined) answer(server === String(pid));
    });
    socket.write('PING\r\nINFO server\r\n');
  });
}
