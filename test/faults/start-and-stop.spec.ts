// `npm start` on one machine: what is killed comes back, what is stopped stops, and nothing is ever left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { commandLine } from '../../local/servers/running-process.ts';
import type { Run } from '../../local/supervisor/run-file.ts';
import { eventually } from '../support/eventually.js';

const startTimeoutMs = 30_000;
const root = new URL('../../', import.meta.url).pathname;
let directory: string;
let started: ChildProcess[];
let said: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tiershop-start-'));
  // Started by root, PostgreSQL runs as another user, who has to get in.
  await chmod(directory, 0o755);
  started = [];
  said = '';
});

afterEach(async () => {
  for (const child of started) child.kill('SIGTERM');
  await Promise.all(started.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  await eventually(async () => expect(await livePids()).toEqual([]), startTimeoutMs);
  await rm(directory, { recursive: true, force: true });
});

it('brings back the application and each server after kill -9', async () => {
  const shop = start();
  const before = await untilReady();
  for (const pid of Object.values(pidsOf(before))) process.kill(pid, 'SIGKILL');
  await eventually(async () => {
    const after = await untilReady();
    for (const [name, pid] of Object.entries(pidsOf(after)))
      expect([name, pid]).not.toEqual([name, pidsOf(before)[name]]);
    expect(after.connections).toEqual(before.connections);
  }, startTimeoutMs);
  shop.kill('SIGTERM');
  expect(await once(shop, 'exit')).toEqual([0, null]);
});

it('does not wait after a second Ctrl-C, also right after the first', async () => {
  const shop = start();
  // What does not end by itself has to be waited for.
  process.kill(pidsOf(await untilReady()).application!, 'SIGSTOP');
  shop.kill('SIGINT');
  await eventually(() => expect(said).toContain('Stopping.'));
  shop.kill('SIGINT');
  expect(await once(shop, 'exit')).toEqual([0, null]);
  expect(said).toContain('Not waiting any longer.');
});

it('leaves nothing behind when it is killed itself, and starts again over what was left', async () => {
  const first = start();
  const before = await untilReady();
  first.kill('SIGKILL');
  // At once: its guard has not stopped anything yet.
  start();
  const after = await eventually(async () => {
    const run = await untilReady();
    expect(run.pid).not.toBe(before.pid);
    return run;
  }, startTimeoutMs);
  expect(Object.values(pidsOf(before)).map(commandLine).join('')).toBe('');
  expect(after.connections).toEqual(before.connections);
});

it('refuses a second start, and says where the first one is', async () => {
  start();
  const { address } = await untilReady();
  const second = start();
  expect(await once(second, 'exit')).toEqual([1, null]);
  expect(said).toContain(`runs already at ${address}`);
});

it('says where it may not keep its data', async () => {
  const shop = start({ TIERSHOP_DATA_DIR: '/proc/shop/data' });
  expect(await once(shop, 'exit')).toEqual([1, null]);
  expect(said).toContain('/proc/shop');
});

it('names every wrong setting before it starts a server', async () => {
  const shop = start({ ROLE: 'cook', CART_TTL_S: 'long' });
  expect(await once(shop, 'exit')).toEqual([1, null]);
  expect(said).toContain('ROLE');
  expect(said).toContain('CART_TTL_S');
  expect(await readdir(directory)).toEqual([]);
});

it('starts in production without a payment provider, and says what to set', async () => {
  start({ NODE_ENV: 'production' });
  await untilReady();
  expect(said).toContain('No payment provider is set up');
});

/** `npm start` without npm, on a free port, with data of its own. */
function start(settings: Record<string, string> = {}): ChildProcess {
  const { DATABASE_URL, REDIS_URL, ...env } = process.env;
  const child = spawn(process.execPath, [join(root, 'local/commands/start.ts')], {
    env: { ...env, TIERSHOP_DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'error', ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  started.push(child);
  return child;
}

/** The run whose application serves and whose every process is alive. */
function untilReady(): Promise<Run> {
  return eventually(async () => {
    const text = await readFile(join(directory, 'run.json'), 'utf8').catch(() => {
      throw new Error(`It does not run. It said:\n${said}`);
    });
    const run = JSON.parse(text) as Run;
    if (!run.address) throw new Error('It does not serve yet.');
    for (const pid of Object.values(pidsOf(run)))
      if (commandLine(pid) === '') throw new Error(`${pid} is not running.`);
    await fetch(new URL('/health/live', run.address)); // any answer will do
    return run;
  }, startTimeoutMs);
}

function pidsOf({ pids }: Run): Record<string, number> {
  return { application: pids?.application ?? 0, postgres: pids?.postgres ?? 0, ...pids?.redis };
}

async function livePids(): Promise<number[]> {
  const text = await readFile(join(directory, 'run.json'), 'utf8').catch(() => '');
  if (text === '') return [];
  return Object.values(pidsOf(JSON.parse(text) as Run)).filter((pid) => commandLine(pid) !== '');
}
