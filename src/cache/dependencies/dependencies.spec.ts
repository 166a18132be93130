import { describe, expect, it } from '@jest/globals';
import { cachePolicy } from '../cache-policy.js';
import type { DependencyDeclaration, DependencyKind, Policies } from './declaration.js';
import { Dependencies } from './dependencies.js';
import { DependencyRegistry } from './dependency-registry.js';
import { effectOf, MAX_DEPTH, MAX_REACHED, reachOf } from './reach.js';

const declaration = {
  feature: 'catalog',
  event: 'catalog.changed',
  kinds: {
    all: { tag: 'catalog:all' },
    price: { shownBy: ['variant'] },
    variant: { shownBy: ['product'] },
    product: { tag: 'product:<id>', shownBy: ['lists', 'shelf'] },
    shelf: { tag: 'collection:<id>', shownBy: ['lists'], many: { most: 2, instead: 'lists' } },
    lists: { tag: 'collections' },
  },
  whole: 'all',
  categories: ['product', 'productList'],
} as const satisfies DependencyDeclaration;

const policies: Policies = {
  ...cachePolicy,
  productList: { ...cachePolicy.productList, tags: ['collections', 'catalog:all'] },
};

const declared = (mostTags = 100) => new Dependencies<typeof declaration>(declaration, policies, mostTags);

/** The message with which a changed declaration is refused. */
function refusal(change: Partial<DependencyDeclaration>, kinds: Readonly<Record<string, DependencyKind>> = {}): string {
  try {
    new Dependencies({ ...declaration, kinds: { ...declaration.kinds, ...kinds }, ...change }, policies, 100);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
}

describe('a change', () => {
  it('drops the tags of all that show it, through others as well, each once', () => {
    const changes = declared().changes();
    changes
      .changed('price', { product: ['p'], shelf: ['s', 't'] })
      .changed('product', { product: ['p'], shelf: ['s'] });
    expect([...changes.list()].sort()).toEqual(['collection:s', 'collection:t', 'collections', 'product:p']);
    expect(effectOf(declaration, 'price', policies)).toEqual({
      tags: ['product:<id>', 'collections', 'collection:<id>'],
      categories: ['product', 'productList'],
    });
    expect(effectOf(declaration, 'all', policies).categories).toEqual(['product', 'productList']);
  });

  it('that drops more tags than the bound drops the whole instead, and is counted once', () => {
    const dependencies = declared(10);
    const ids = Array.from({ length: 9 }, (_, i) => String(i));
    const exact = dependencies.changes().changed('product', { product: ids, shelf: [] });
    expect([exact.list().length, dependencies.clears.writer]).toEqual([10, 0]);
    exact.changed('shelf', { shelf: ['one more', 'and another'] });
    exact.changed('product', { product: ids, shelf: [] });
    expect([exact.list(), dependencies.clears.writer]).toEqual([['catalog:all'], 1]);
  });

  it('has to name all that it reaches, says the compiler, or else it drops the whole', () => {
    const changes = declared().changes();
    // @ts-expect-error the product of the price is missing
    changes.changed('price', { shelf: [] });
    expect(changes.list()).toEqual(['catalog:all']);
    // @ts-expect-error no such kind
    expect(declared().changes().changed('prices', { product: [], shelf: [] }).list()).toEqual(['catalog:all']);
  });
});

describe('a value', () => {
  it('carries the whole, what it shows, and one wide tag instead of many', () => {
    const dependencies = declared();
    expect(dependencies.carried('product', { product: ['p'], shelf: ['s', 't'] })).toEqual([
      'catalog:all',
      'product:p',
      'collection:s',
      'collection:t',
    ]);
    expect(dependencies.carried('product', { shelf: ['s', 't', 'u'] })).toEqual(['catalog:all', 'collections']);
    expect(
      dependencies
        .changes()
        .changed('shelf', { shelf: ['u'] })
        .list(),
    ).toContain('collections');
    // @ts-expect-error the policy row of lists has no such tag
    expect(dependencies.carried('productList', { product: ['p'] })).toHaveLength(2);
  });
});

describe('a declaration', () => {
  it('is refused with the path of its cycle', () => {
    expect(refusal({}, { lists: { tag: 'collections', shownBy: ['variant'] } })).toContain(
      'the dependencies go round: variant → product → lists → variant',
    );
    expect(refusal({}, { lists: { tag: 'collections', shownBy: ['lists'] } })).toContain('go round: lists → lists');
    expect(() => reachOf({ a: { shownBy: ['b'] }, b: { shownBy: ['c'] }, c: { shownBy: ['b'] } }, 'a')).toThrow(
      'the dependencies go round: b → c → b',
    );
  });

  it('may reach a kind on several ways: that is no cycle', () => {
    const diamond = { a: { shownBy: ['b', 'c'] }, b: { shownBy: ['d'] }, c: { shownBy: ['d'] }, d: {} };
    expect(reachOf(diamond, 'a')).toEqual(['a', 'b', 'd', 'c']);
  });

  it('is refused when a chain is too long or a change reaches too much', () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length: length + 1 }, (_, i) => [`k${i}`, i < length ? { shownBy: [`k${i + 1}`] } : {}]),
      );
    expect(reachOf(chain(MAX_DEPTH), 'k0')).toHaveLength(MAX_DEPTH + 1);
    expect(() => reachOf(chain(MAX_DEPTH + 1), 'k0')).toThrow('a chain of more than 8 dependencies: k0 → k1');
    const star = (arms: number) => {
      const names = Array.from({ length: arms }, (_, i) => `k${i}`);
      return { hub: { shownBy: names }, ...Object.fromEntries(names.map((name) => [name, {}])) };
    };
    expect(reachOf(star(MAX_REACHED - 1), 'hub')).toHaveLength(MAX_REACHED);
    expect(() => reachOf(star(MAX_REACHED), 'hub')).toThrow('a change of hub reaches 17 kinds, more than 16');
  });

  it('is refused when it and the policy table differ', () => {
    expect(refusal({})).toBe('taken');
    const { shelf, ...others } = declaration.kinds;
    expect(refusal({ kinds: { ...others, product: { tag: 'product:<id>', shownBy: ['lists'] } } })).toContain(
      'the policy row product has the tag collection:<id>, which no kind has',
    );
    expect(refusal({}, { badge: { tag: 'badge:<id>' } })).toContain('no category carries badge:<id> of badge');
    expect(refusal({ categories: ['product', 'productList', 'activeRuleSet'] })).toMatch(
      /the policy row activeRuleSet lacks the tag of all; the policy row activeRuleSet is not invalidated by catalog.changed/,
    );
  });

  it('is refused when a tag could be mistaken, or one for all does not stand for all', () => {
    expect(refusal({}, { odd: { tag: 'product:special' } })).toContain(
      'product:special could be taken for product:<id>',
    );
    expect(refusal({}, { odd: { tag: 'collections' } })).toContain('two kinds have one tag');
    expect(refusal({ whole: 'product' })).toContain('product needs one tag for all');
    expect(refusal({}, { price: { shownBy: ['varient'] } })).toContain(
      'no kind is declared under the name varient: price → varient',
    );
    expect(refusal({}, { shelf: { tag: 'collection:<id>', many: { most: 2, instead: 'lists' } } })).toContain(
      'lists stands for many shelf, and does not show them all',
    );
  });
});

describe('the declarations of several features', () => {
  it('share neither tags nor categories', () => {
    const registry = new DependencyRegistry(policies, 100);
    registry.declare(declaration);
    expect(() => registry.declare({ ...declaration, feature: 'other' })).toThrow(
      /catalog both declare product, productList/,
    );
    registry.declare({
      feature: 'discounts',
      event: 'discounts.activated',
      kinds: { active: { tag: 'discounts:active' } },
      whole: 'active',
      categories: ['activeRuleSet'],
    });
    expect(registry.all()).toHaveLength(2);
  });

  it('hear events: clears of the whole are counted, and tags that nobody declares', () => {
    const registry = new DependencyRegistry(policies, 100);
    const { clears } = registry.declare(declaration);
    registry.heard('catalog.changed', ['product:1', 'collections', 'collection:2']);
    registry.heard('discounts.activated', ['catalog:all', 'unknown']);
    expect(registry.all()).toMatchObject([{ undeclared: 0, clears: { event: 0, writer: 0 } }]);
    registry.heard('catalog.changed', ['catalog:all', 'bundle:1', 'list']);
    expect([registry.all()[0]?.undeclared, clears.event]).toEqual([2, 1]);
  });
});
