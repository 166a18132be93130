import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { unavailable } from '../errors.js';
import { LayerWatch } from './layer-watch.js';

const down = () => Promise.reject(unavailable('The store', 1, new Error('Command timed out')));
const instead = async () => 'instead';
let answers: boolean;
let watch: LayerWatch;

beforeEach(() => {
  jest.useFakeTimers();
  answers = false;
  watch = new LayerWatch('operational', () => (answers ? Promise.resolve() : down()), pino({ level: 'silent' }));
});
afterEach(() => {
  watch.close();
  jest.useRealTimers();
});

const goOut = async () => {
  for (let n = 0; n < 3; n += 1) expect(await watch.orElse(down, instead)).toBe('instead');
};
const probe = () => jest.advanceTimersByTimeAsync(500);

test('it goes out after three failures in a row, and then nobody waits for it', async () => {
  for (let n = 0; n < 2; n += 1) await watch.orElse(down, instead);
  await watch.orElse(async () => 'done', instead);
  for (let n = 0; n < 2; n += 1) await watch.orElse(down, instead);
  expect(watch.isOut).toBe(false);
  await watch.orElse(down, instead);
  expect(watch.isOut).toBe(true);
  expect(await watch.orElse(() => Promise.reject(new Error('asked')), instead)).toBe('instead');
});

test('what is no outage is thrown and counts for nothing', async () => {
  for (let n = 0; n < 5; n += 1) {
    await expect(watch.orElse(() => Promise.reject(new Error('WRONGTYPE')), instead)).rejects.toThrow('WRONGTYPE');
  }
  expect(watch.isOut).toBe(false);
});

test('it comes back when it has answered twice and every step was done, not before', async () => {
  let stepFails = true;
  const steps: number[] = [];
  watch.beforeReturn(async (outForMs) => {
    if (stepFails) throw new Error('not yet');
    steps.push(outForMs);
  });
  await goOut();
  await probe();
  answers = true;
  await probe();
  expect({ isOut: watch.isOut, steps: steps.length }).toEqual({ isOut: true, steps: 0 });
  stepFails = false;
  await probe();
  answers = false;
  await probe();
  answers = true;
  await probe();
  expect(watch.isOut).toBe(true);
  await probe();
  expect({ isOut: watch.isOut, steps: steps.length }).toEqual({ isOut: false, steps: 3 });
  expect(steps.at(-1)).toBeGreaterThanOrEqual(3_000);
});
