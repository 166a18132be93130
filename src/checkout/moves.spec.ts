import { expect, test } from '@jest/globals';
import { requireMove, sqlMove } from './moves.js';
import { mayAttemptMove } from './payments/attempt-states.js';
import { mayMove } from './session/transitions.js';

test('a move that is in its table can be put into SQL', () => {
  expect(sqlMove(mayAttemptMove, ['paying', 'authorized'], 'authorized')).toEqual({
    from: "'paying', 'authorized'",
    to: "'authorized'",
  });
});

test('a move that is not in its table cannot be declared, nor made, from any of its states', () => {
  expect(() => sqlMove(mayMove, ['reserved', 'paying'], 'cancelled')).toThrow(
    'What is paying cannot become cancelled.',
  );
  expect(() => requireMove(mayAttemptMove, ['voided'], 'placed')).toThrow('What is voided cannot become placed.');
});
