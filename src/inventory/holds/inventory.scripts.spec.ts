import { describe, expect, test } from '@jest/globals';
import { inventoryScripts } from './inventory.scripts.js';

const { reserve, extend, restore, release, commit, reconcile, readLevels, epoch } = inventoryScripts;

// Loading the file has compared every header with its wrapper.
describe('replies of the stock scripts', () => {
  test.each([
    [reserve, [['OK', '1700000000000', '']], [{ kind: 'reserved', expiresAtMs: 1_700_000_000_000, held: '' }]],
    [
      reserve,
      [
        ['SHORT', 1, 0, 3, 7],
        ['OK', '5', 'a:b:1'],
      ],
      [
        {
          kind: 'short',
          lines: [
            { line: 0, available: 0 },
            { line: 2, available: 7 },
          ],
        },
        { kind: 'reserved', expiresAtMs: 5, held: 'a:b:1' },
      ],
    ],
    [reserve, [['COLD', 1, 4]], [{ kind: 'cold', lines: [0, 3] }]],
    [reserve, [['STALE_EPOCH', '9']], [{ kind: 'stale_epoch', epoch: 9 }]],
    [reserve, [['RESOLVED']], [{ kind: 'resolved' }]],
    [reserve, [['CONFLICT']], [{ kind: 'conflict' }]],
    [extend, ['OK', '5'], { kind: 'extended', expiresAtMs: 5 }],
    [extend, ['REACQUIRED', '5'], { kind: 'reacquired', expiresAtMs: 5 }],
    [extend, ['EXPIRED', 2, 1], { kind: 'expired', lines: [{ line: 1, available: 1 }] }],
    [restore, ['OK', '5'], { kind: 'restored', expiresAtMs: 5 }],
    [release, ['OK'], { kind: 'released' }],
    [release, ['ALREADY'], { kind: 'already' }],
    [release, ['COMMITTED'], { kind: 'committed' }],
    [release, ['OTHER_PLACES', 'a:b:1'], { kind: 'other_places', held: 'a:b:1' }],
    [extend, ['OTHER_PLACES', 'a:b:1'], { kind: 'other_places', held: 'a:b:1' }],
    [commit, ['OK_NO_HOLD'], { kind: 'no_hold' }],
    [reconcile, ['OK', 1, 0], { kind: 'ok', applied: [true, false] }],
    [
      readLevels,
      [
        'OK',
        ['3', '7', '10', 'd', '8', '4', '8', '2'],
        ['', '', '', '', '', '', '', '0'],
        ['3', '1', '0', 'u', 'u', '', '', '0'],
      ],
      [
        {
          level: { epoch: 3, version: 7, onHand: 10, sellable: 8, policy: 'd', limit: 8, lowStockThreshold: 4 },
          held: 2,
        },
        { level: undefined, held: 0 },
        {
          level: { epoch: 3, version: 1, onHand: 0, sellable: null, policy: 'u', limit: 'u', lowStockThreshold: null },
          held: 0,
        },
      ],
    ],
    [epoch, ['OK', '0', '', 'f00'], { epoch: 0, sameServer: false }],
    [epoch, ['OK', '4', 'f00', 'f00'], { epoch: 4, sameServer: true }],
  ])('%j', ({ reply }, raw, expected) => {
    expect(reply.parse(raw)).toEqual(expected);
  });

  test('what no script says is refused', () => {
    expect(reserve.reply.safeParse([['MAYBE']]).success).toBe(false);
    expect(release.reply.safeParse('OK').success).toBe(false);
  });
});
