// How each category of the catalogue is loaded, and under which tags it can be made void.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type Category, type CategoryDefinition, TieredCache } from '../cache/index.js';
import { CONFIG, type Config } from '../platform/config.js';
import { catalogTags as tags } from './catalog-tags.js';
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

/** A product in more collections than this is void whenever any collection changes: an entry carries few tags. */
const MAX_COLLECTION_TAGS = 100;

/** The cached kinds of catalogue data. */
@Injectable()
export class CatalogCache {
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
    @Inject(TieredCache) cache: TieredCache,
    @Inject(ProductRepository) private readonly products: ProductRepository,
    @Inject(ProductListRepository) private readonly lists: ProductListRepository,
    @Inject(CollectionRepository) private readonly collections: CollectionRepository,
  ) {
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
        return [tags.all, collectionId === undefined ? tags.products : tags.collectionProducts(collectionId)];
      },
    });
    this.collection = cache.register('collection', this.collectionDefinition());
    this.collectionList = cache.register('collectionList', {
      codec: collectionPage,
      load: async (key) => {
        const { limit, after } = fromCollectionListKey(key);
        return toCollectionPage(await this.collections.findPage(limit + 1, after), limit);
      },
      tagsOf: () => [tags.all, tags.collections],
    });
    this.variantOffer = cache.register('variantOffer', this.variantOfferDefinition());
  }

  private productDefinition(): CategoryDefinition<ProductDocument> {
    return {
      codec: product,
      ...loadingMany(async (ids) => {
        const rows = await this.products.findByIds(ids);
        const published = rows.filter((row) => row.status === 'published');
        return new Map(published.map((row) => [row.id, toProductDocument(row, this.config.DEFAULT_CURRENCY)]));
      }),
      tagsOf: ({ collections }, id) => [tags.all, tags.product(id), ...collectionTags(collections)],
      tagsOfMissing: (id) => [tags.all, tags.product(id)],
    };
  }

  private productHandleDefinition(): CategoryDefinition<string> {
    return {
      codec: z.uuid(),
      ...loadingMany(async (handles) => {
        const rows = await this.products.findIdsByHandles(handles);
        return new Map(rows.map((row) => [row.handle, row.id]));
      }),
      tagsOf: (_id, handle) => [tags.all, tags.productHandle(handle)],
      tagsOfMissing: (handle) => [tags.all, tags.productHandle(handle)],
    };
  }

  private collectionDefinition(): CategoryDefinition<CollectionDocument> {
    return {
      codec: collection,
      ...loadingMany(async (handles) => {
        const rows = await this.collections.findByHandles(handles);
        return new Map(rows.map((row) => [row.handle, toCollectionDocument(row)]));
      }),
      tagsOf: ({ id }, handle) => [tags.all, tags.collection(id), tags.collectionHandle(handle)],
      tagsOfMissing: (handle) => [tags.all, tags.collectionHandle(handle)],
    };
  }

  private variantOfferDefinition(): CategoryDefinition<CachedOffer> {
    return {
      codec: cachedOffer,
      ...loadingMany(async (ids) => {
        const rows = await this.products.findOffers(ids);
        return new Map(rows.map((row) => [row.variantId, toCachedOffer(row)]));
      }),
      tagsOf: ({ productId }) => [tags.all, tags.product(productId)],
      tagsOfMissing: () => [tags.all, tags.products],
    };
  }
}

function collectionTags(collections: ProductDocument['collections']): string[] {
  if (collections.length > MAX_COLLECTION_TAGS) return [tags.collections];
  return collections.map(({ id }) => tags.collection(id));
}

function loadingMany<T>(loadMany: (keys: readonly string[]) => Promise<Map<string, T>>) {
  return { loadMany, load: async (key: string) => (await loadMany([key])).get(key) };
}
