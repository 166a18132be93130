// The program of docs/guides/modules.md, compiled and run as by somebody who has tiershop as a dependency.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
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
  await install(['@nestjs', '@types', 'reflect-metadata']);
  expect(await run(root, ['local/launch.mjs', 'build'])).toBe('');
  const guide = await readFile(join(root, 'docs/guides/modules.md'), 'utf8');
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'tsconfig.json'), partOf(guide, 'json'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src', 'shop.ts'), partOf(guide, 'ts'));
}, 60_000);

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

function partOf(guide: string, language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(guide) ?? [];
  if (!text) throw new Error(`the guide has no part in ${language}`);
  return text;
}

/** Runs a script to its end. @returns what it printed, with what it complained of when it failed */
async function run(cwd: string, args: string[]): Promise<string> {
  return promisify(execFile)(process.execPath, args, { cwd }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => `failed: ${error.stdout}${error.stderr}`,
  );
}

test('it compiles against the types that the build leaves', async () => {
  expect(await run(folder, [join(root, 'node_modules/ts7/bin/tsc'), '-p', '.'])).toBe('');
}, 60_000);

test('own routes and those of the modules answer at one edge, and the program ends in good order', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO products (id, handle, title, status) VALUES (gen_random_uuid(), 'red-hat', 'Red Hat', 'published')`,
  );
  await client.end();
  const port = await freePort();
  const { operational, application, session } = redis.urls;
  program = spawn(process.execPath, ['dist/shop.js'], {
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
