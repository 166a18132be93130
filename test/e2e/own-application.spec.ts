// The program of docs/guides/modules.md, as somebody would run it who has tiershop as a dependency.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Options, transform } from '@swc/core';
import pg from 'pg';
import { freePort } from '../../local/servers/free-port.ts';
import { eventually } from '../support/eventually.js';
import { HttpClient } from '../support/http-client.js';
import { startRedisLayers, type TestRedisLayers } from '../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
let database: TestDatabase;
let redis: TestRedisLayers;
let program: ChildProcess | undefined;

beforeAll(async () => {
  [folder, database, redis] = await Promise.all([
    mkdtemp(join(tmpdir(), 'own-application-')),
    createTestDatabase(),
    startRedisLayers(),
  ]);
  await install(['@nestjs', 'reflect-metadata']);
  await writeFile(join(folder, 'shop.mjs'), await compiledProgram());
});

afterAll(async () => {
  program?.kill('SIGKILL');
  await Promise.all([redis.remove(), database.drop(), rm(folder, { recursive: true })]);
});

/** As `npm install ../tiershop` leaves it, with the other packages of the program. */
async function install(packages: readonly string[]): Promise<void> {
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'tiershop'));
  for (const name of packages) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
}

async function compiledProgram(): Promise<string> {
  const guide = await readFile(join(root, 'docs/guides/modules.md'), 'utf8');
  const [, source] = /```ts\n(.*?)```/s.exec(guide) ?? [];
  if (!source) throw new Error('the guide has no program');
  const { jsc, module } = JSON.parse(await readFile(join(root, '.swcrc'), 'utf8')) as Options;
  return (await transform(source, { swcrc: false, jsc: jsc ?? {}, ...(module && { module }) })).code;
}

test('own routes and those of the modules answer at one edge, and the program ends in good order', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO products (id, handle, title, status) VALUES (gen_random_uuid(), 'red-hat', 'Red Hat', 'published')`,
  );
  await client.end();
  const port = await freePort();
  const { operational, application, session } = redis.urls;
  program = spawn(process.execPath, ['shop.mjs'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PORT: String(port),
      DATABASE_URL: database.url,
      REDIS_OPERATIONAL_URL: operational,
      REDIS_APPLICATION_URL: application,
      REDIS_SESSION_URL: session,
    },
  });
  const http = new HttpClient(`http://127.0.0.1:${port}`);
  await eventually(async () => {
    expect(await http.get('/greetings/red-hat')).toMatchObject({
      status: 200,
      body: { text: 'Have you seen Red Hat?' },
    });
  }, 20_000);
  expect(await http.get('/greetings/none')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(await http.get('/v1/products/red-hat')).toMatchObject({ status: 200, body: { title: 'Red Hat' } });
  expect((await http.get('/v1/carts/none')).status).toBe(404);
  program.kill('SIGTERM');
  const [code] = (await once(program, 'exit')) as [number | null];
  expect(code).toBe(0);
}, 60_000);
