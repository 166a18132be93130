// Answers before the HTTP pipeline: products from any tier, other documents from memory. The controllers get the rest: what
// is not found, and requests that are not plain, such as wrong queries.
import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type CacheAnswer, type Category, cachedAnswer } from '../cache/index.js';
import { type HotAnswer, HotReads } from '../platform/http/hot-reads.js';
import { CatalogService } from './catalog.service.js';
import { CatalogCache } from './catalog-cache.js';
import { productListQuery } from './products/product-list.dto.js';
import { ProductLists } from './products/product-lists.service.js';

@Injectable()
export class CatalogHotReads implements OnModuleInit {
  /** Parsing and normalizing a query costs ten times as much as the lookup, and the same queries keep coming. */
  private readonly listKeys = new LRUCache<string, string>({ max: 2_000 });

  constructor(
    @Inject(HotReads) private readonly hotReads: HotReads,
    @Inject(CatalogCache) private readonly cache: CatalogCache,
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(ProductLists) private readonly lists: ProductLists,
  ) {}

  onModuleInit(): void {
    const { product, productList, collection } = this.cache;
    this.hotReads.register('product', (request, idOrHandle) => {
      const near = this.catalog.peekProduct(idOrHandle);
      if (near) return hotAnswer(request, near, product);
      return this.catalog.findProduct(idOrHandle).then((answer) => hotAnswer(request, answer, product));
    });
    this.hotReads.register('productList', (request) => {
      const { url = '' } = request;
      const key = this.listKeys.get(url) ?? this.listKeyOf(url);
      return key === undefined ? undefined : hotAnswer(request, productList.peek(key), productList);
    });
    this.hotReads.register('collection', (request, handle) => hotAnswer(request, collection.peek(handle), collection));
  }

  private listKeyOf(url: string): string | undefined {
    const query = productListQuery.safeParse(queryOf(url));
    if (!query.success) return undefined;
    const key = this.lists.peekKey(query.data);
    // The key of a collection's list also depends on the collection's id, which may change.
    const isOfUrl = query.data.collection === undefined && url.length <= MAX_REMEMBERED_URL;
    if (key !== undefined && isOfUrl) this.listKeys.set(url, key);
    return key;
  }
}

const MAX_REMEMBERED_URL = 500;

function hotAnswer<T>(
  { headers }: IncomingMessage,
  answer: CacheAnswer<T> | undefined,
  category: Category<T>,
): HotAnswer | undefined {
  return answer?.found ? cachedAnswer(answer, category, headers['if-none-match']) : undefined;
}

/** The query of a URL as the HTTP server reads it. @returns undefined when it has a fragment or a broken escape */
function queryOf(url: string): object | undefined {
  const queryAt = url.indexOf('?');
  if (queryAt === -1) return {};
  if (url.includes('#')) return undefined;
  const query = url.slice(queryAt + 1);
  try {
    decodeURIComponent(query);
  } catch {
    return undefined;
  }
  return parse(query, '&', '=', { maxKeys: 0 });
}
