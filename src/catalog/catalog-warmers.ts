// What is warmed of the catalogue: the newest products with their handles, and the first pages of the lists.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { WarmUps } from '../cache/index.js';
import { CatalogCache } from './catalog-cache.js';
import { ProductRepository } from './products/product.repository.js';
import { ProductLists } from './products/product-lists.service.js';

const DEFAULT_TOP = 1_000;
const MAX_TOP = 10_000;

@Injectable()
export class CatalogWarmers implements OnModuleInit {
  constructor(
    @Inject(WarmUps) private readonly warmUps: WarmUps,
    @Inject(CatalogCache) private readonly cache: CatalogCache,
    @Inject(ProductRepository) private readonly products: ProductRepository,
    @Inject(ProductLists) private readonly lists: ProductLists,
  ) {}

  onModuleInit(): void {
    this.warmUps.register('product', {
      run: async ({ top = DEFAULT_TOP }, onProgress, signal) => {
        const newest = await this.products.findNewest(Math.min(top, MAX_TOP));
        await this.cache.productHandle.warm(
          newest.map(({ handle }) => handle),
          { signal },
        );
        return this.cache.product.warm(
          newest.map(({ id }) => id),
          { onProgress, signal },
        );
      },
    });
    this.warmUps.register('productList', {
      run: ({ top = DEFAULT_TOP }, onProgress, signal) =>
        this.cache.productList.warm(this.lists.frontPageKeys().slice(0, top), { onProgress, signal }),
    });
  }
}
