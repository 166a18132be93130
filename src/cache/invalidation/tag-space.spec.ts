import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { categoryTag, EVERYTHING, TagSpace } from './tag-space.js';

const mark = categoryTag('product');

function openSpace(stamp = 10): TagSpace {
  const space = new TagSpace();
  space.restart({ lineage: 'one', stamp, floor: 0 });
  return space;
}
const entry = (stamp: number, ...tags: string[]) => ({ lineage: 'one', stamp, tags });

describe('the space of tag stamps', () => {
  it('makes void what was loaded before an invalidation of one of its tags, and nothing else', () => {
    const space = openSpace();
    space.apply(['a'], 11);
    expect(space.isVoid(entry(10, 'a', 'b'), mark)).toBe(true);
    expect(space.isVoid(entry(10, 'b'), mark)).toBe(false);
    expect(space.isVoid(entry(11, 'a'), mark)).toBe(false);
  });

  it('takes invalidations in any order and any number of times', () => {
    const space = openSpace();
    space.apply(['a'], 15);
    space.apply(['a'], 12);
    space.apply(['a'], 12);
    expect(space.stamp).toBe(15);
    expect(space.isVoid(entry(14, 'a'), mark)).toBe(true);
    expect(space.isVoid(entry(15, 'a'), mark)).toBe(false);
  });

  it('knows everything and whole categories', () => {
    const space = openSpace();
    space.apply([mark], 11);
    expect(space.isVoid(entry(10), mark)).toBe(true);
    expect(space.isVoid(entry(10), categoryTag('collection'))).toBe(false);
    space.apply([EVERYTHING], 12);
    expect(space.isVoid(entry(11), categoryTag('collection'))).toBe(true);
  });

  it('believes no entry of another lineage, and none from before the floor', () => {
    const space = openSpace();
    expect(space.isVoid({ ...entry(99), lineage: 'two' }, mark)).toBe(true);
    space.apply(['a'], 12);
    space.raiseFloor(12);
    expect(space.size).toBe(0);
    expect(space.isVoid(entry(11, 'z'), mark)).toBe(true);
    expect(space.isVoid(entry(12, 'a'), mark)).toBe(false);
    space.raiseFloor(3);
    expect(space.isVoid(entry(11), mark)).toBe(true);
  });

  it('says of any entry what comparing it with every stamp would say', () => {
    const tag = fc.constantFrom('a', 'b', mark, EVERYTHING);
    const step = fc.record({ tag, stamp: fc.option(fc.integer({ min: 5, max: 20 })), of: tag, loadedAt: fc.nat(22) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const space = openSpace();
        const stamps = new Map<string, number>();
        for (const { tag, stamp, of, loadedAt } of steps) {
          if (stamp === null) space.applyLocally([tag]);
          else space.apply([tag], stamp);
          stamps.set(tag, Math.max(stamp ?? space.stamp, stamps.get(tag) ?? 0));
          for (const at of [loadedAt, space.stamp]) {
            const isVoid = [of, mark, EVERYTHING].some((one) => (stamps.get(one) ?? 0) > at);
            expect(space.isVoid(entry(at, of), mark)).toBe(isVoid);
          }
        }
      }),
    );
  });

  it('puts stamps of its own between two of redis', () => {
    const space = openSpace();
    expect(space.applyLocally(['a'])).toBe(true);
    const loadedSince = entry(space.stamp, 'a');
    expect(space.isVoid(entry(10, 'a'), mark)).toBe(true);
    expect(space.isVoid(loadedSince, mark)).toBe(false);
    space.apply(['a'], 11);
    expect(space.isVoid(loadedSince, mark)).toBe(true);
  });

  it('refuses so many of them that a stamp of redis could be met, and begins anew', () => {
    const space = openSpace(2 ** 32);
    let taken = 0;
    while (space.applyLocally(['a'])) taken++;
    expect(taken).toBe(2 ** 19);
    expect(space.stamp).toBeLessThan(2 ** 32 + 1);
    const epoch = space.epoch;
    space.restart(space.snapshot());
    expect(space.epoch).toBe(epoch + 1);
    expect(space.stamp).toBe(2 ** 32);
    expect(space.applyLocally(['a'])).toBe(true);
  });

  it('changes its version exactly when an entry could have become void', () => {
    const space = openSpace();
    const { version } = space;
    space.apply([], 11);
    expect(space.version).toBe(version);
    space.apply(['a'], 12);
    expect(space.version).toBe(version + 1);
  });
});
