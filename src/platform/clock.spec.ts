import { readFile } from 'node:fs/promises';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Clock, TurnClock } from './clock.js';

class CountingClock extends Clock {
  looks = 0;
  nowMs(): number {
    return ++this.looks;
  }
}

describe('the clock that looks once a turn', () => {
  it('shares one look in a turn, among 16 reads at most', () => {
    const clock = new TurnClock(new CountingClock());
    expect(Array.from({ length: 34 }, () => clock.nowMs())).toEqual([
      ...Array.from({ length: 16 }, () => 1),
      ...Array.from({ length: 16 }, () => 2),
      ...[3, 3],
    ]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['the next turn', () => turn()],
    ['a timer', () => sleep(1)],
    ['what comes in from outside', () => readFile(new URL(import.meta.url))],
    ['what is due at the end of this turn', () => new Promise<void>((resolve) => process.nextTick(resolve))],
  ])('looks again after %s', async (_what, pause) => {
    const clock = new TurnClock(new CountingClock());
    expect(clock.nowMs()).toBe(1);
    await pause();
    expect(clock.nowMs()).toBe(2);
  });
});
