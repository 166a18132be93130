// Servers must not outlive whoever started them, however that ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { commandLine } from '../../local/servers/running-process.ts';
import { eventually } from '../support/eventually.js';

const module = new URL('../../local/servers/temporary-redis.ts', import.meta.url);
const program = `
  import { TemporaryRedis } from ${JSON.stringify(module.pathname)};
  const redis = await TemporaryRedis.start('redis (test)', { policy: 'noeviction', maxMemoryMb: 16, aof: false });
  console.log(redis.server.pid);
  if (process.argv[1] === 'frozen') redis.server.signal('SIGSTOP');
  setInterval(() => undefined, 60_000);
`;

it.each(['running', 'frozen'])(
  'a %s server is stopped, and its directory deleted, after kill -9 of its starter',
  async (state) => {
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', program, state], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = (await once(starter.stdout, 'data')) as [Buffer];
    const pid = Number(output.toString());
    const [, configFile = ''] = commandLine(pid).split(' ');
    expect(existsSync(configFile)).toBe(true);

    starter.kill('SIGKILL');
    await eventually(() => expect(commandLine(pid)).toBe(''));
    await eventually(() => expect(existsSync(configFile)).toBe(false));
  },
);
