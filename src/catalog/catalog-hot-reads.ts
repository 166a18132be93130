// Answers from memory before Nest's pipeline. Whatever is not plain, wrong queries included, goes on to the controllers.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { tryHotRead } from '../cache/index.js';
import { HotReads } from '../platform/http/hot-reads.js';
import { CatalogCache } from './catalog-cache.js';
import { productListQuery } from './products/product-list.dto.js';
import { ProductLists } from './products/product-lists.service.js';

@Injectable()
export class CatalogHotReads implements OnModuleInit {
  /** Reading and normalizing a query costs ten times what the lookup does, and the same ones come again and again. */
  private readonly listKeys = new LRUCache<string, string>({ max: 2_000 });

  constructor(
    @Inject(HotReads) private readonly hotReads: HotReads,
    @Inject(CatalogCache) private readonly cache: CatalogCache,
    @Inject(ProductLists) private readonly lists: ProductLists,
  ) {}

  onModuleInit(): void {
    const { product, productHandle, productList, collection } = this.cache;
    this.hotReads.register('product', (request, reply) => {
      const name = plainParam(request, 'idOrHandle');
      if (name === undefined) return false;
      const byHandle = productHandle.peek(name);
      const id = byHandle?.found ? byHandle.document.value : name;
      return tryHotRead(request, reply, product, id);
    });
    this.hotReads.register('productList', (request, reply) => {
      const key = this.listKeys.get(request.url) ?? this.listKeyOf(request);
      return key !== undefined && tryHotRead(request, reply, productList, key);
    });
    this.hotReads.register('collection', (request, reply) => {
      const handle = plainParam(request, 'handle');
      return handle !== undefined && tryHotRead(request, reply, collection, handle);
    });
  }

  private listKeyOf(request: FastifyRequest): string | undefined {
    const query = productListQuery.safeParse(request.query);
    if (!query.success) return undefined;
    const key = this.lists.peekKey(query.data);
    // The key of a collection's list depends on the collection as well, which may get another id.
    const isOfUrl = query.data.collection === undefined && request.url.length <= MAX_REMEMBERED_URL;
    if (key !== undefined && isOfUrl) this.listKeys.set(request.url, key);
    return key;
  }
}

const MAX_REMEMBERED_URL = 500;

/** The parameter of a route that takes no query; undefined when there is a query, which is for the controller to refuse. */
function plainParam(request: FastifyRequest, name: string): string | undefined {
  if (request.url.includes('?')) return undefined;
  const { params } = request;
  if (typeof params !== 'object' || params === null) return undefined;
  const value: unknown = Reflect.get(params, name);
  return typeof value === 'string' ? value : undefined;
}
