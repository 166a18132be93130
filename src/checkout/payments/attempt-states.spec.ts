import { expect, test } from '@jest/globals';
import { ATTEMPT_STATES, mayAttemptMove, RESOLUTIONS, resolutionsOf } from './attempt-states.js';

const waysFrom = (from: (typeof ATTEMPT_STATES)[number]) => ATTEMPT_STATES.filter((to) => mayAttemptMove(from, to));

test('an order is made of an authorized payment only, and money is taken for an order only', () => {
  expect(ATTEMPT_STATES.filter((from) => mayAttemptMove(from, 'placed'))).toEqual(['authorized']);
  expect(ATTEMPT_STATES.filter((from) => mayAttemptMove(from, 'captured'))).toEqual(['placed', 'review']);
});

test('what was given back is never an order', () => {
  for (const state of ['declined', 'voiding', 'voided'] as const) {
    expect(waysFrom(state).filter((to) => ['authorized', 'placed', 'captured'].includes(to))).toEqual([]);
  }
  expect(waysFrom('captured')).toEqual(['review']);
});

test('every state leads on, and every one can be reached', () => {
  for (const state of ATTEMPT_STATES) {
    expect(waysFrom(state).length).toBeGreaterThan(0);
    if (state !== 'paying')
      expect(ATTEMPT_STATES.some((from) => from !== state && mayAttemptMove(from, state))).toBe(true);
  }
});

test('whatever a person must look at can be resolved, and nothing else but what is paid by hand', () => {
  for (const state of ATTEMPT_STATES)
    for (const reviewOf of ['placed', 'voiding', 'captured'] as const)
      for (const isByHand of [true, false])
        for (const isOrderCancelled of [true, false]) {
          const ways = resolutionsOf({ state, reviewOf, isByHand, isOrderCancelled });
          expect(ways.length > 0).toBe(state === 'review' || (state === 'placed' && isByHand));
          expect(ways.every((way) => RESOLUTIONS.includes(way))).toBe(true);
        }
});
