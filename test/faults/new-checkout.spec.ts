// What needs no installation is done before one: a checkout where nothing is installed yet.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

const root = new URL('../../', import.meta.url).pathname;
const parts = ['package.json', 'package-lock.json', 'local'];
let checkout: string;

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'tiershop-checkout-'));
  await Promise.all(parts.map((name) => cp(join(root, name), join(checkout, name), { recursive: true })));
});
afterEach(() => rm(checkout, { recursive: true }));

/** Without a PATH there is no npm: an installation would fail. */
async function run(args: string[], env: NodeJS.ProcessEnv = {}) {
  const result = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const options = { env: { ...env, PATH: '' } };
    execFile(process.execPath, [join(checkout, 'local/launch.mjs'), ...args], options, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
  expect((await readdir(checkout)).toSorted()).toEqual(parts.toSorted());
  return result;
}

it('tells of a port that is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await run(['start'], { PORT: String(port) });
  other.close();
  expect([code, stderr]).toEqual([1, expect.stringContaining(`Port ${port} is in use.`)]);
});

it('points to every setting', async () => {
  expect((await run(['start', '--help'])).stdout).toContain('docs/reference/settings.md');
});

it.each(['start', 'bench', 'cli'])('%s has a help', async (command) => {
  const { code, stdout } = await run([command, '--help']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('Usage: npm ')]);
});
