// What a command with --json says when it cannot do what it should, or not as it should: JSON, and its exit code.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createTestDatabase } from '../support/test-database.js';

const root = new URL('../../', import.meta.url).pathname;

async function run(script: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [join(root, script), ...args], options, (error, stdout) => {
      resolve({ code: error?.code ?? 0, stdout });
    });
  });
  return { code, said: JSON.parse(stdout) as unknown };
}

test('an import of a file that is not there', async () => {
  const { code, said } = await run('dist/cli.js', ['import', '/nowhere.csv', '--json']);
  expect([code, said]).toEqual([1, { error: expect.stringContaining('/nowhere.csv') }]);
});

test.each([
  [['import', '--json'], "missing required argument 'file'"],
  [['generate', '--products', 'many', '--json'], 'It must be a whole number'],
  [['migrate', '--bogus', '--json'], "unknown option '--bogus'"],
  [['frob', '--json'], "unknown command 'frob'"],
])('what is no command: %p', async (args, text) => {
  const { code, said } = await run('dist/cli.js', args);
  expect([code, said]).toEqual([1, { error: expect.stringContaining(text) }]);
});

test('a setting that is misspelt is told with the one that is missing for it', async () => {
  const env = { DATABASE_URL: '', DATABASE_ULR: 'postgres://shop@127.0.0.1/shop', REDIS_URL: 'redis://127.0.0.1:1' };
  const { code, said } = await run('dist/cli.js', ['migrate', '--json'], env);
  expect([code, said]).toEqual([1, { error: expect.stringMatching(/DATABASE_URL: is missing.*DATABASE_ULR is no/s) }]);
});

test('rows that are generated are counted as an import counts them, without the header', async () => {
  const { code, said } = await run('dist/cli.js', ['generate', '--products', '20', '--seed', '3', '--json']);
  expect([code, said]).toEqual([0, { products: 20, seed: 3, rows: 56 }]);
});

test('a reader that has had enough is no failure', async () => {
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), 'generate', '--products', '20000']);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect([await once(child, 'exit'), said]).toEqual([[0, null], '']);
});

test('what the launcher refuses', async () => {
  const { code, said } = await run('local/launch.mjs', ['reset', '--bogus', '--json']);
  expect([code, said]).toEqual([1, { error: expect.stringContaining('"--bogus" is not an option') }]);
});

test('an import while redis is away says nothing beside its report: what is logged stands elsewhere', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tiershop-import-'));
  const database = await createTestDatabase();
  try {
    const file = join(directory, 'products.csv');
    await writeFile(file, 'Handle,Title,Variant Price\ncap,Cap,9\n');
    const env = { DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:1', LOG_LEVEL: 'warn' };
    const { code, said } = await run('dist/cli.js', ['import', file, '--json'], env);
    expect([code, said]).toEqual([0, expect.objectContaining({ kind: 'done' })]);
    await writeFile(file, 'Handle,Title,Variant Price\nhat,Hat,free\n');
    const failed = await run('dist/cli.js', ['import', file, '--json'], env);
    const unusable = { kind: 'unusable', error: expect.stringContaining('Nothing'), report: expect.anything() };
    expect(failed).toEqual({ code: 1, said: unusable });
  } finally {
    await Promise.all([database.drop(), rm(directory, { recursive: true })]);
  }
});

test('a reset of what is not data of a shop', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tiershop-reset-'));
  try {
    await mkdir(join(directory, 'photos'));
    const { code, said } = await run('local/commands/reset.ts', ['--json'], { TIERSHOP_DATA_DIR: directory });
    expect([code, said]).toEqual([1, { error: expect.stringContaining('is left alone') }]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a reset leaves what the shop did not make, and says so', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tiershop-reset-'));
  const path = (name: string) => join(directory, name);
  const reset = () => run('local/commands/reset.ts', ['--json'], { TIERSHOP_DATA_DIR: directory });
  try {
    for (const made of ['postgres', 'redis/operational', 'redis/mine', 'photos'])
      await mkdir(path(made), { recursive: true });
    for (const made of ['ports.json', 'run.json.4711', 'postgres.log', 'thesis.txt', 'redis/mine/dump.rdb'])
      await writeFile(path(made), '{}');
    const left = ['photos', 'redis', 'thesis.txt'].map(path);
    const deleted = ['ports.json', 'postgres', 'postgres.log', 'run.json.4711'].map(path);
    expect(await reset()).toEqual({ code: 0, said: { deleted, left, stoppedPid: null } });
    expect(await readdir(path('redis'))).toEqual(['mine']);

    for (const other of left) await rm(other, { recursive: true });
    await writeFile(path('ports.json'), '{}');
    expect(await reset()).toEqual({ code: 0, said: { deleted: [directory], left: [], stoppedPid: null } });
    expect(existsSync(directory)).toBe(false);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
