// What shows what in the catalogue. Loads take the tags of their values from here, imports the tags that they drop.
// The triggers of migrations/ write the same tags; test/integration/dependencies-in-postgres.spec.ts compares both.
import type { DependencyDeclaration } from '../cache/index.js';

/** Which rows are shown where, and so which changes make which cached documents void. */
export const catalogDependencies = {
  feature: 'catalog',
  event: 'catalog.changed',
  kinds: {
    /** Everything of the catalogue. */
    catalog: { tag: 'catalog:all' },
    product: { tag: 'product:<id>', table: 'products', shownBy: ['products', 'collectionProducts'] },
    /** A handle that starts or stops naming a product. */
    productHandle: { tag: 'product-handle:<handle>', table: 'products' },
    option: { table: 'product_options', shownBy: ['product'] },
    image: { table: 'product_images', shownBy: ['product'] },
    variant: { table: 'variants', shownBy: ['product'] },
    price: { table: 'variant_prices', shownBy: ['variant'] },
    /** Every list across collections: pages, searches, filters. */
    products: { tag: 'products' },
    /** The collection's own fields, which products name. */
    collection: {
      tag: 'collection:<id>',
      table: 'collections',
      shownBy: ['collections'],
      many: { most: 100, instead: 'collections' },
    },
    /** A handle that starts or stops naming a collection. */
    collectionHandle: { tag: 'collection-handle:<handle>', table: 'collections' },
    /** The list of collections. */
    collections: { tag: 'collections' },
    /** Which products a collection holds, and what its list shows of them. */
    collectionProducts: { tag: 'collection-products:<id>' },
    membership: { table: 'collection_products', shownBy: ['product', 'collectionProducts'] },
  },
  whole: 'catalog',
  categories: ['product', 'productHandle', 'productList', 'collection', 'collectionList', 'variantOffer'],
} as const satisfies DependencyDeclaration;

export type CatalogDependencies = typeof catalogDependencies;
