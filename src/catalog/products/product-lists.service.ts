import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { FoundAnswer } from '../../cache/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { notFound } from '../../platform/errors.js';
import { decodeCursor } from '../../platform/http/page.js';
import { CatalogCache } from '../catalog-cache.js';
import type { collectionProductsQuery, ProductPage, productListQuery } from './product-list.dto.js';
import { cursorOf, type ProductListQuery, toListKey } from './product-list-query.js';

type AllProductsQuery = z.infer<typeof productListQuery>;
type CollectionProductsQuery = z.infer<typeof collectionProductsQuery>;

/** Pages of products, from the cache. */
@Injectable()
export class ProductLists {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CatalogCache) private readonly cache: CatalogCache,
  ) {}

  /** @returns undefined when the query names a collection that does not exist: then there are no such products. */
  async page({ collection, ...query }: AllProductsQuery): Promise<FoundAnswer<ProductPage> | undefined> {
    if (collection === undefined) return this.read(query, undefined);
    const found = await this.cache.collection.get(collection);
    return found.found ? this.read(query, found.document.value.id) : undefined;
  }

  /** @throws AppError `not_found` when there is no such collection. */
  async pageOfCollection(handle: string, query: CollectionProductsQuery): Promise<FoundAnswer<ProductPage>> {
    const found = await this.cache.collection.get(handle);
    if (!found.found) throw notFound('The collection');
    return this.read(query, found.document.value.id);
  }

  /** The key of a page, if it is known without waiting and the query fits into a key. */
  peekKey({ collection, ...query }: AllProductsQuery): string | undefined {
    const found = collection === undefined ? undefined : this.cache.collection.peek(collection);
    if (collection !== undefined && !found?.found) return undefined;
    try {
      return toListKey(this.complete(query, found?.found ? found.document.value.id : undefined));
    } catch {
      return undefined;
    }
  }

  /** The first pages that visitors see, for warming. */
  frontPageKeys(): string[] {
    return (['newest', 'price', '-price', 'title'] as const).map((sort) =>
      toListKey(this.complete({ limit: 20, sort }, undefined)),
    );
  }

  private async read(
    query: Omit<AllProductsQuery, 'collection'> | CollectionProductsQuery,
    collectionId: string | undefined,
  ): Promise<FoundAnswer<ProductPage>> {
    if (query.cursor !== undefined) decodeCursor(query.cursor, cursorOf(query.sort));
    const answer = await this.cache.productList.get(toListKey(this.complete(query, collectionId)));
    if (!answer.found) throw new Error('a page of products is always found');
    return answer;
  }

  private complete(
    query: Omit<AllProductsQuery, 'collection'> | CollectionProductsQuery,
    collectionId: string | undefined,
  ): ProductListQuery {
    return { ...query, currency: query.currency ?? this.config.DEFAULT_CURRENCY, collectionId };
  }
}
