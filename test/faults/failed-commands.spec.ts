// What a command with --json says when it cannot do what it should: JSON, and its exit code.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = new URL('../../', import.meta.url).pathname;

function run(script: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: unknown; said: unknown }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [join(root, script), ...args], options, (error, stdout) => {
      resolve({ code: error?.code ?? 0, said: JSON.parse(stdout) });
    });
  });
}

test('an import of a file that is not there', async () => {
  const { code, said } = await run('dist/cli.js', ['import', '/nowhere.csv', '--json']);
  expect([code, said]).toEqual([1, { error: expect.stringContaining('/nowhere.csv') }]);
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
