import { expect, test } from '@jest/globals';
import { unavailable } from '../../platform/errors.js';
import type { ReserveReply } from './inventory.scripts.js';
import { HOLDS_OF_A_CALL, ReserveCalls } from './reserve-calls.js';

/** Calls that are answered when the test says so: each hold with what its record's key ends with. */
function heldCalls() {
  const sent: { keys: readonly string[]; args: readonly (string | number)[] }[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const calls = new ReserveCalls((keys, args) => {
    sent.push({ keys, args });
    return new Promise<ReserveReply[]>((resolve, reject) => {
      const records = keys.filter((key) => key.startsWith('hold'));
      const replies = records.map((key) => ({ kind: 'stale_epoch' as const, epoch: Number(key.slice(4)) }));
      ends.push((error) => (error ? reject(error) : resolve(replies)));
    });
  });
  const ask = (hold: number, { epoch = 1, keyCount = 3 } = {}) =>
    calls.ask({
      keys: [`hold${hold}`, ...Array.from({ length: keyCount - 1 }, (_, i) => `${i}`)],
      common: [60_000, epoch],
      args: [`lines of ${hold}`, 1],
    });
  return { ask, sent, ends };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

test('what a turn asks for leaves at its end, though no call has come back', async () => {
  const { ask, sent, ends } = heldCalls();
  const replies = numbers(2 * HOLDS_OF_A_CALL + 1).map((hold) => ask(hold));
  await settled();
  const alone = ask(100);
  await settled();
  expect(sent.map(({ keys }) => keys.length / 3)).toEqual([HOLDS_OF_A_CALL, HOLDS_OF_A_CALL, 1, 1]);
  expect(sent[2]).toEqual({ keys: ['hold32', '0', '1'], args: [60_000, 1, 'lines of 32', 1] });
  for (const end of ends.toReversed()) end();
  expect(await Promise.all(replies)).toEqual(numbers(33).map((epoch) => ({ kind: 'stale_epoch', epoch })));
  expect(await alone).toEqual({ kind: 'stale_epoch', epoch: 100 });
});

test('holds that believe in another epoch, or have very many lines, are in another call', async () => {
  const { ask, sent } = heldCalls();
  for (const [hold, options] of [{}, { epoch: 2 }, { epoch: 2 }, { epoch: 2, keyCount: 508 }, { epoch: 2 }].entries()) {
    void ask(hold, options);
  }
  void ask(5, { epoch: 2, keyCount: 10_000 });
  await settled();
  expect(sent.map(({ keys }) => keys.filter((key) => key.startsWith('hold')))).toEqual([
    ['hold0'],
    ['hold1', 'hold2'],
    ['hold3', 'hold4'],
    ['hold5'],
  ]);
});

test('when a call fails each of its holds is asked for alone, unless Redis is down', async () => {
  const { ask, sent, ends } = heldCalls();
  const both = Promise.allSettled([ask(1), ask(2)]);
  await settled();
  ends[0]?.(new Error('WRONGTYPE'));
  await settled();
  ends[1]?.(new Error('WRONGTYPE'));
  await settled();
  ends[2]?.();
  expect(sent.slice(1).map(({ keys }) => keys[0])).toEqual(['hold1', 'hold2']);
  expect(await both).toMatchObject([{ status: 'rejected' }, { value: { epoch: 2 } }]);

  const down = ask(3);
  await settled();
  ends[3]?.(unavailable('Redis'));
  await expect(down).rejects.toMatchObject({ code: 'unavailable' });
  expect(sent).toHaveLength(4);
});
