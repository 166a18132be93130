import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { decodeCursor, encodeCursor, toPage } from './page.js';

const position = z.tuple([z.string(), z.number()]);

test('a cursor comes back as it was', () => {
  expect(decodeCursor(encodeCursor(['ä', 7]), position)).toEqual(['ä', 7]);
});

test.each(['', '%%', 'e30', encodeCursor([7, 'ä']), encodeCursor(['ä'])])(
  '%p is not a cursor of this list',
  (cursor) => {
    expect(() => decodeCursor(cursor, position)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  },
);

test('the row beyond the limit tells that there is a next page', () => {
  const page = (rows: number[]) => toPage(rows, 2, String, (row) => [row]);
  expect(page([1, 2, 3])).toEqual({ items: ['1', '2'], nextCursor: encodeCursor([2]) });
  expect(page([1, 2])).toEqual({ items: ['1', '2'], nextCursor: null });
  expect(page([])).toEqual({ items: [], nextCursor: null });
});
