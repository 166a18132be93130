// What the catalogue warms: the newest products with their handles, and the first pages of the lists.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { WarmUps } from '../cache/index.js';
import { ProductRepository } from './products/product.repository.js';
import { ProductLists } from './products/product-lists.service.js';

const DEFAULT_TOP = 1_000;
const MAX_TOP = 10_000;

@Injectable()
export class CatalogWarmers implements OnModuleInit {
  constructor(
    @Inject(WarmUps) private readonly warmUps: WarmUps,
    @Inject(ProductRepository) private readonly products: ProductRepository,
    @Inject(ProductLists) private readonly lists: ProductLists,
  ) {}

  onModuleInit(): void {
    this.warmUps.register('product', {
      plan: async ({ top = DEFAULT_TOP }) => {
        const newest = await this.products.findNewest(Math.min(top, MAX_TOP));
        return [
          { category: 'productHandle', keys: newest.map(({ handle }) => handle) },
          { category: 'product', keys: newest.map(({ id }) => id) },
        ];
      },
    });
    this.warmUps.register('productList', {
      plan: async ({ top = DEFAULT_TOP }) => [
        { category: 'productList', keys: this.lists.frontPageKeys().slice(0, top) },
      ],
    });
  }
}
