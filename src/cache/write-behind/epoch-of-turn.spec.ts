import { expect, test } from '@jest/globals';
import { EpochOfTurn } from './epoch-of-turn.js';

/** Answers when it is told to, with the epoch of that moment. */
function heldServer() {
  const server = { epoch: 1, asked: 0, answer: () => {} };
  const ask = () => {
    server.asked += 1;
    return new Promise<string>((resolve) => {
      server.answer = () => resolve(String(server.epoch));
    });
  };
  return { server, epochs: new EpochOfTurn(ask) };
}

test('those who ask in one turn are told by one answer', async () => {
  const { server, epochs } = heldServer();
  const told = Promise.all([epochs.read('a'), epochs.read('a')]);
  server.answer();
  expect(await told).toEqual([1, 1]);
  expect(server.asked).toBe(1);
});

test('who asks after the answer, or in the next turn, is not told by it', async () => {
  const { server, epochs } = heldServer();
  const first = epochs.read('a');
  server.answer();
  expect(await first).toBe(1);
  server.epoch = 2;
  const second = epochs.read('a');
  await new Promise((resolve) => setImmediate(resolve));
  const third = epochs.read('a');
  expect(server.asked).toBe(3);
  server.answer();
  expect(await third).toBe(2);
  void second;
});
