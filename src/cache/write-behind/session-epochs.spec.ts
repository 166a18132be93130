import { expect, test } from '@jest/globals';
import { firstVersionOf, isPastRedis } from './session-epochs.js';

test('a version tells whether its epoch is one in which documents are written past redis', () => {
  for (const epoch of [2, 3, 4, 5]) {
    const versions = [firstVersionOf(epoch) + 1, firstVersionOf(epoch) + 12, firstVersionOf(epoch + 1)];
    expect(versions.map(isPastRedis)).toEqual(versions.map(() => epoch % 2 === 1));
  }
});
