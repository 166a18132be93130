import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { waitForDatabase } from './wait-for-database.js';

it('says where it waits, gives up with what to do next, and never tells the password', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const said: string[] = [];
  const url = `postgres://shop:s3cret@127.0.0.1:${address.port}/shop`;
  const failure = await waitForDatabase(url, 1_000, (text) => said.push(text)).catch(String);
  silent.close();
  expect(said).toEqual([`Waiting for PostgreSQL at 127.0.0.1:${address.port}, 1 s at most.`]);
  expect(failure).toContain(`PostgreSQL at 127.0.0.1:${address.port} cannot be used`);
  expect(failure).toContain('Check DATABASE_URL');
  expect(failure).not.toContain('s3cret');
});
