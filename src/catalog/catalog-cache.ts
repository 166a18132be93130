// How each category of the catalogue is loaded, and which tags make it void.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  type Category,
  type CategoryDefinition,
  type ChangedTags,
  type Dependencies,
  TieredCache,
} from '../cache/index.js';
import { CONFIG, type Config } from '../platform/config.js';
import { type CatalogDependencies, catalogDependencies } from './catalog-dependencies.js';
import {
  type CollectionDocument,
  type CollectionPage,
  collection,
  collectionPage,
} from './collections/collection.dto.js';
import { CollectionRepository } from './collections/collection.repository.js';
import { fromCollectionListKey, toCollectionDocument, toCollectionPage } from './collections/collection-document.js';
import { type CachedOffer, cachedOffer, toCachedOffer } from './offer.js';
import { type ProductDocument, product } from './products/product.dto.js';
import { ProductRepository } from './products/product.repository.js';
import { toProductDocument } from './products/product-document.js';
import { type ProductPage, productPage } from './products/product-list.dto.js';
import { toProductPage } from './products/product-list.js';
import { ProductListRepository } from './products/product-list.repository.js';
import { fromListKey } from './products/product-list-query.js';

/** The cached kinds of catalogue data. */
@Injectable()
export class CatalogCache {
  /** Which tags a change of the catalogue drops. */
  readonly dependencies: Dependencies<CatalogDependencies>;
  /** By id. Drafts are not found. */
  readonly product: Category<ProductDocument>;
  /** Product id by handle, drafts included. */
  readonly productHandle: Category<string>;
  /** By the key of `toListKey`. */
  readonly productList: Category<ProductPage>;
  /** By handle. */
  readonly collection: Category<CollectionDocument>;
  /** By the key of `toCollectionListKey`. */
  readonly collectionList: Category<CollectionPage>;
  /** By variant id. */
  readonly variantOffer: Category<CachedOffer>;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(TieredCache) private readonly cache: TieredCache,
    @Inject(ProductRepository) private readonly products: ProductRepository,
    @Inject(ProductListRepository) private readonly lists: ProductListRepository,
    @Inject(CollectionRepository) private readonly collections: CollectionRepository,
  ) {
    this.dependencies = cache.declare(catalogDependencies);
    this.product = cache.register('product', this.productDefinition());
    this.productHandle = cache.register('productHandle', this.productHandleDefinition());
    this.productList = cache.register('productList', {
      codec: productPage,
      load: async (key) => {
        const query = fromListKey(key);
        return toProductPage(await this.lists.find(query), query);
      },
      tagsOf: (_page, key) => {
        const { collectionId } = fromListKey(key);
        const shown = collectionId === undefined ? { products: true as const } : { collectionProducts: [collectionId] };
        return this.dependencies.carried('productList', shown);
      },
    });
    this.collection = cache.register('collection', this.collectionDefinition());
    this.collectionList = cache.register('collectionList', {
      codec: collectionPage,
      load: async (key) => {
        const { limit, after } = fromCollectionListKey(key);
        return toCollectionPage(await this.collections.findPage(limit + 1, after), limit);
      },
      tagsOf: () => this.dependencies.carried('collectionList', { collections: true }),
    });
    this.variantOffer = cache.register('variantOffer', this.variantOfferDefinition());
  }

  /** Makes what a write has changed void; once it resolves, this process serves nothing older. */
  async drop(changes: ChangedTags<CatalogDependencies>): Promise<void> {
    const tags = changes.list();
    if (tags.length > 0) await this.cache.invalidate({ tags });
  }

  private productDefinition(): CategoryDefinition<ProductDocument> {
    return {
      codec: product,
      // Products show their price in it.
      madeWith: this.config.DEFAULT_CURRENCY,
      ...loadingMany(async (ids) => {
        const rows = await this.products.findByIds(ids);
        const published = rows.filter((row) => row.status === 'published');
        return new Map(published.map((row) => [row.id, toProductDocument(row, this.config.DEFAULT_CURRENCY)]));
      }),
      tagsOf: ({ collections }, id) =>
        this.dependencies.carried('product', { product: [id], collection: collections.map((one) => one.id) }),
      tagsOfMissing: (id) => this.dependencies.carried('product', { product: [id] }),
    };
  }

  private productHandleDefinition(): CategoryDefinition<string> {
    return {
      codec: z.uuid(),
      ...loadingMany(async (handles) => {
        const rows = await this.products.findIdsByHandles(handles);
        return new Map(rows.map((row) => [row.handle, row.id]));
      }),
      tagsOf: (_id, handle) => this.dependencies.carried('productHandle', { productHandle: [handle] }),
      tagsOfMissing: (handle) => this.dependencies.carried('productHandle', { productHandle: [handle] }),
    };
  }

  private collectionDefinition(): CategoryDefinition<CollectionDocument> {
    return {
      codec: collection,
      ...loadingMany(async (handles) => {
        const rows = await this.collections.findByHandles(handles);
        return new Map(rows.map((row) => [row.handle, toCollectionDocument(row)]));
      }),
      tagsOf: ({ id }, handle) =>
        this.dependencies.carried('collection', { collection: [id], collectionHandle: [handle] }),
      tagsOfMissing: (handle) => this.dependencies.carried('collection', { collectionHandle: [handle] }),
    };
  }

  private variantOfferDefinition(): CategoryDefinition<CachedOffer> {
    return {
      codec: cachedOffer,
      ...loadingMany(async (ids) => {
        const rows = await this.products.findOffers(ids);
        return new Map(rows.map((row) => [row.variantId, toCachedOffer(row)]));
      }),
      tagsOf: ({ productId }) => this.dependencies.carried('variantOffer', { product: [productId] }),
      // The product that it may later belong to is unknown.
      tagsOfMissing: () => this.dependencies.carried('variantOffer', { products: true }),
    };
  }
}

function loadingMany<T>(loadMany: (keys: readonly string[]) => Promise<Map<string, T>>) {
  return { loadMany, load: async (key: string) => (await loadMany([key])).get(key) };
}
