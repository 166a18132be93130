// Both programs under a Node that is too old for them.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const pretendOld = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.20.2' })";

test.each(['main.js', 'cli.js'])('%s names the Node it needs, before anything else can go wrong', async (program) => {
  const args = ['--import', pretendOld, join(root, 'dist', program)];
  const ended = await new Promise((resolve) => {
    execFile(process.execPath, args, { env: {} }, (error, _stdout, stderr) => resolve({ code: error?.code, stderr }));
  });
  expect(ended).toEqual({ code: 1, stderr: expect.stringMatching(/^tiershop needs Node 24 or newer.*\n$/) });
});
