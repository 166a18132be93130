// The names under which cached catalogue data is made void. migrations/0002_catalog.sql writes the same names.

export const catalogTags = {
  /** Everything of the catalogue: changes too large to name. */
  all: 'catalog:all',
  /** Some product changed: every list that is not of one collection. */
  products: 'products',
  /** Some collection changed: the list of collections. */
  collections: 'collections',
  product: (id: string) => `product:${id}`,
  /** A handle began or ceased to name a product. */
  productHandle: (handle: string) => `product-handle:${handle}`,
  /** The collection's own fields. */
  collection: (id: string) => `collection:${id}`,
  collectionHandle: (handle: string) => `collection-handle:${handle}`,
  /** Which products a collection holds, and what its list shows of them. */
  collectionProducts: (id: string) => `collection-products:${id}`,
} as const;
