import { afterEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Repeating } from './repeating.js';

const warnings: string[] = [];
const logger = pino({}, { write: (line: string) => void warnings.push(JSON.parse(line).msg) });
let repeating: Repeating | undefined;

afterEach(async () => {
  await repeating?.stop();
  warnings.length = 0;
});

/** Repeats `work` until it has been done `times` times. */
const doneTimes = (times: number, work: (time: number) => Promise<void>) =>
  new Promise<void>((resolve) => {
    let time = 0;
    repeating = new Repeating(
      1,
      async () => {
        time += 1;
        if (time === times) resolve();
        await work(time);
      },
      'later',
      logger,
    );
    repeating.start();
  });

it('goes on after a failure, and tells of the first in a row', async () => {
  await doneTimes(6, async (time) => {
    if (time !== 3) throw new Error('away');
  });
  expect(warnings).toEqual(['later', 'later']);
});

it('does it once more at any time, and counts its failures with the others', async () => {
  let isAway = true;
  const work = async () => {
    if (isAway) throw new Error('away');
  };
  repeating = new Repeating(60_000, work, 'later', logger);
  await repeating.now();
  await repeating.now();
  isAway = false;
  await repeating.now();
  isAway = true;
  await repeating.now();
  expect(warnings).toEqual(['later', 'later']);
});

it('does not begin again before the last time has ended', async () => {
  let atOnce = 0;
  let most = 0;
  await doneTimes(3, async () => {
    most = Math.max(most, ++atOnce);
    await new Promise((resolve) => setTimeout(resolve, 5));
    atOnce -= 1;
  });
  expect(most).toBe(1);
});

it('stops once the work in hand is done, for good', async () => {
  let ended = 0;
  let begun = 0;
  await doneTimes(1, async () => {
    begun += 1;
    await new Promise((resolve) => setTimeout(resolve, 10));
    ended += 1;
  });
  await repeating?.stop();
  expect(ended).toBe(begun);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(begun).toBe(1);
});
