import { expect, test } from '@jest/globals';
import { Clock } from '../../platform/clock.js';
import { StandbyGate } from './standby-gate.js';

class TestClock extends Clock {
  constructor(private ms = 0) {
    super();
  }
  nowMs(): number {
    return this.ms;
  }
  pass(ms: number): void {
    this.ms += ms;
  }
}

const settings = { STANDBY_HOLDS_AT_ONCE: 2, STANDBY_HOLDS_PER_S: 20 };
const refused = { code: 'unavailable', options: { retryAfterS: 2 } };

test('a second has so many holds; the next ones come as time passes', async () => {
  const clock = new TestClock();
  const gate = new StandbyGate({ ...settings, STANDBY_HOLDS_PER_S: 3 }, clock);
  const one = () => gate.run(async () => 'done');
  for (let n = 0; n < 3; n += 1) expect(await one()).toBe('done');
  await expect(one()).rejects.toMatchObject(refused);
  clock.pass(334);
  expect(await one()).toBe('done');
  await expect(one()).rejects.toMatchObject(refused);
  clock.pass(60_000);
  for (let n = 0; n < 3; n += 1) expect(await one()).toBe('done');
  await expect(one()).rejects.toMatchObject(refused);
});

test('so many run at once, some wait, the rest is refused; a failure gives its place back', async () => {
  const gate = new StandbyGate({ ...settings, STANDBY_HOLDS_PER_S: 100 }, new TestClock());
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const one = () =>
    gate.run(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
      throw new Error('failed');
    });
  const all = Array.from({ length: 19 }, one).map((answer) => answer.catch((error: Error) => error.message));
  await expect(all[18]).resolves.toContain('cannot be reached');
  for (let done = 0; done < 18; ) {
    for (const end of ends.splice(0)) {
      end();
      done += 1;
    }
    await new Promise(setImmediate);
  }
  expect(await Promise.all(all.slice(0, 18))).toEqual(Array.from({ length: 18 }, () => 'failed'));
  expect(most).toBe(2);
});
