import { expect, test } from '@jest/globals';
import { isUuid, LOWEST_ID, newId, newSecretId } from './ids.js';

test('ids are told from handles and codes; capitals are none, since the same id would be known under two names', () => {
  for (const id of [newId(), newSecretId(), LOWEST_ID]) expect(isUuid(id)).toBe(true);
  const id = 'c0ffee00-0000-7000-8000-00000000beef';
  const others = [
    '',
    'blue-shirt',
    id.toUpperCase(),
    ` ${id}`,
    `${id}0`,
    id.replace('beef', 'begf'),
    id.replaceAll('-', '0'),
  ];
  expect(others.filter(isUuid)).toEqual([]);
  expect(isUuid(id)).toBe(true);
});

test('every id comes after the lowest', () => {
  expect(newId() > LOWEST_ID).toBe(true);
});
