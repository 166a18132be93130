import { expect, it } from '@jest/globals';
import { TokenBucket } from './token-bucket.js';

it("gives a second's worth at once, then so much in a second, and says how long the next one takes", () => {
  const bucket = new TokenBucket(4, 1_000);
  const takenAt = (nowMs: number) =>
    Array.from({ length: 9 }, () => bucket.take(nowMs)).filter((ms) => ms === 0).length;
  expect(takenAt(1_000)).toBe(4);
  expect(bucket.take(1_000)).toBe(250);
  expect(bucket.take(1_200)).toBeCloseTo(50);
  expect(takenAt(1_500)).toBe(2);
  expect(takenAt(99_000)).toBe(4);
});

it('is neither filled nor emptied by a clock that goes back', () => {
  const bucket = new TokenBucket(1, 5_000);
  expect(bucket.take(5_000)).toBe(0);
  expect(bucket.take(1_000)).toBe(1_000);
  expect(bucket.take(2_000)).toBe(0);
});
