import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RememberedPorts } from './remembered-ports.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tiershop-ports-'));
});
afterAll(() => rm(directory, { recursive: true }));

it.each([
  ['{broken', 'it is no JSON ('],
  ['', 'it is no JSON ('],
  ['[6379]', 'it is no JSON object'],
  ['{"postgres":"5432"}', '"postgres" is "5432", which is no port'],
  ['{"postgres":70000}', '"postgres" is 70000, which is no port'],
])('a file with %j is named, with what is wrong and what to do', async (text, what) => {
  const file = join(directory, 'ports.json');
  await writeFile(file, text);
  const reading = RememberedPorts.read(file);
  await expect(reading).rejects.toThrow(`${file} is not what tiershop wrote: ${what}`);
  await expect(reading).rejects.toThrow('Delete it');
});

it('what was saved is read again', async () => {
  const file = join(directory, 'saved.json');
  const first = await RememberedPorts.read(file);
  const port = await first.choose('postgres');
  await first.save();
  expect(await (await RememberedPorts.read(file)).choose('postgres')).toBe(port);
});
