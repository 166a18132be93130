import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { generateCatalog, SAMPLE_CATALOG } from './generate-catalog.js';
import { sampleProduct } from './sample-product.js';

const sampleFile = new URL('../../../samples/catalog.csv', import.meta.url);

describe('the generated catalogue', () => {
  it('is what samples/catalog.csv holds', () => {
    const same = readFileSync(sampleFile, 'utf8') === [...generateCatalog(SAMPLE_CATALOG)].join('');
    // Not compared by toBe: a difference of 250 KB helps nobody.
    if (!same) throw new Error('samples/catalog.csv is not what the generator makes; generate it anew');
  });

  it('depends on the seed, and not on how many products are asked for', () => {
    const few = [...generateCatalog({ products: 20, seed: 7 })];
    expect([...generateCatalog({ products: 500, seed: 7 })].slice(0, few.length)).toEqual(few);
    expect([...generateCatalog({ products: 20, seed: 8 })]).not.toEqual(few);
  });

  it('has every handle and every SKU once, also where names come round again', () => {
    const products = Array.from({ length: 20_000 }, (_, place) => sampleProduct(place, 3));
    const handles = new Set(products.map((product) => product.handle));
    const skus = products.flatMap((product) => product.variants.map((variant) => variant.sku));
    expect(handles.size).toBe(products.length);
    expect(new Set(skus).size).toBe(skus.length);
  });
});
