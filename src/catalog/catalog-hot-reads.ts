// Answers from memory before Nest's pipeline. Whatever is not plain, wrong queries included, goes on to the controllers.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { tryHotRead } from '../cache/index.js';
import { HotReads } from '../platform/http/hot-reads.js';
import { CatalogCache } from './catalog-cache.js';
import { productListQuery } from './products/product-list.dto.js';
import { ProductLists } from './products/product-lists.service.js';

@Injectable()
export class CatalogHotReads implements OnModuleInit {
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
      const query = productListQuery.safeParse(request.query);
      const key = query.success ? this.lists.peekKey(query.data) : undefined;
      return key !== undefined && tryHotRead(request, reply, productList, key);
    });
    this.hotReads.register('collection', (request, reply) => {
      const handle = plainParam(request, 'handle');
      return handle !== undefined && tryHotRead(request, reply, collection, handle);
    });
  }
}

/** The parameter of a route that takes no query; undefined when there is a query, which is for the controller to refuse. */
function plainParam(request: FastifyRequest, name: string): string | undefined {
  if (request.url.includes('?')) return undefined;
  const { params } = request;
  if (typeof params !== 'object' || params === null) return undefined;
  const value: unknown = Reflect.get(params, name);
  return typeof value === 'string' ? value : undefined;
}
