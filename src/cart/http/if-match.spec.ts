import { expect, test } from '@jest/globals';
import { parseIfMatch } from './if-match.js';

test.each([
  [undefined, undefined],
  ['*', undefined],
  ['"5"', [5]],
  [' "5" , "60"', [5, 60]],
  ['W/"5"', []],
  ['"other"', []],
  ['""', []],
])('%s', (header, versions) => {
  expect(parseIfMatch(header)).toEqual(versions);
});

test.each(['5', '', '"5', '"5" "6"', `"${'5'.repeat(300)}"`])('refuses %s', (header) => {
  expect(() => parseIfMatch(header)).toThrow('If-Match');
});
