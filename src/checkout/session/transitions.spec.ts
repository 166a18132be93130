import { expect, test } from '@jest/globals';
import { CHECKOUT_STATES, isOpen, isPaying, mayMove } from './transitions.js';

test('what has ended stays so', () => {
  for (const end of ['captured', 'expired', 'cancelled'] as const) {
    for (const state of CHECKOUT_STATES) expect(mayMove(end, state)).toBe(false);
  }
});

test('a placed order can only be captured', () => {
  expect(CHECKOUT_STATES.filter((state) => mayMove('placed', state))).toEqual(['captured']);
});

test('what is being paid cannot be cancelled, and nothing is both open and being paid', () => {
  for (const state of CHECKOUT_STATES) {
    if (isPaying(state)) expect(mayMove(state, 'cancelled')).toBe(false);
    expect(isOpen(state) && isPaying(state)).toBe(false);
  }
});
