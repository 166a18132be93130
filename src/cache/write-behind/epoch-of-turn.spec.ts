import { expect, test } from '@jest/globals';
import type { RedisClient } from '../../platform/redis/redis-layers.js';
import { EpochOfTurn } from './epoch-of-turn.js';

/** Answers when it is told to, with the epoch of then. */
function heldServer() {
  const server = { epoch: 1, asked: 0, answer: () => {} };
  const hget = () => {
    server.asked += 1;
    return new Promise<string>((resolve) => {
      server.answer = () => resolve(String(server.epoch));
    });
  };
  return { server, client: { hget } as unknown as RedisClient };
}

test('those who ask in one turn are told by one answer', async () => {
  const { server, client } = heldServer();
  const epochs = new EpochOfTurn();
  const told = Promise.all([epochs.read(client, 'a'), epochs.read(client, 'a')]);
  server.answer();
  expect(await told).toEqual([1, 1]);
  expect(server.asked).toBe(1);
});

test('who asks after the answer, or in the next turn, is not told by it', async () => {
  const { server, client } = heldServer();
  const epochs = new EpochOfTurn();
  const first = epochs.read(client, 'a');
  server.answer();
  expect(await first).toBe(1);
  server.epoch = 2;
  const second = epochs.read(client, 'a');
  await new Promise((resolve) => setImmediate(resolve));
  const third = epochs.read(client, 'a');
  expect(server.asked).toBe(3);
  server.answer();
  expect(await third).toBe(2);
  void second;
});
