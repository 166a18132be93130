import { describe, expect, test } from '@jest/globals';
import { availabilityOf } from './availability.policy.js';

const stock = { onHand: 10, held: 0, policy: 'deny' as const, tracked: true };
const LOW = 5;

describe('availability', () => {
  test.each([
    ['plenty', stock, 10, 'in_stock'],
    ['just above the threshold', { ...stock, held: 4 }, 6, 'in_stock'],
    ['at the threshold', { ...stock, held: 5 }, 5, 'low'],
    ['the last one', { ...stock, held: 9 }, 1, 'low'],
    ['all held', { ...stock, held: 10 }, 0, 'out'],
    ['more held than there is', { ...stock, onHand: 3, held: 5 }, 0, 'out'],
    ['sold out, orders wait', { ...stock, onHand: 0, policy: 'backorder' as const }, 0, 'backorder'],
    ['backorder with stock', { ...stock, policy: 'backorder' as const }, 10, 'in_stock'],
    ['nobody counts it', { ...stock, onHand: 0, tracked: false }, null, 'in_stock'],
    ['nobody ever reported it', undefined, 0, 'out'],
  ])('%s', (_, given, available, state) => {
    expect(availabilityOf('v', given, LOW)).toEqual({ variantId: 'v', available, state });
  });
});
