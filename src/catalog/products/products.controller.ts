import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { sendCached } from '../../cache/index.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { HotReadRoute } from '../../platform/http/hot-reads.js';
import { CatalogService } from '../catalog.service.js';
import { CatalogCache } from '../catalog-cache.js';
import { noQuery, product, productParams } from './product.dto.js';
import { productListQuery, productPage } from './product-list.dto.js';
import { ProductLists } from './product-lists.service.js';

@ApiTags('catalogue')
@Controller('v1/products')
export class ProductsController {
  constructor(
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(CatalogCache) private readonly cache: CatalogCache,
    @Inject(ProductLists) private readonly lists: ProductLists,
  ) {}

  @Get()
  @HotReadRoute('productList')
  @Endpoint({ summary: 'Published products, a page at a time', responses: { 200: productPage } })
  async list(
    @Query({ schema: productListQuery }) query: z.infer<typeof productListQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.lists.page(query);
    if (answer) sendCached(request, reply, answer, this.cache.productList);
    else reply.header('cache-control', 'no-store').send({ items: [], nextCursor: null });
  }

  @Get(':idOrHandle')
  @HotReadRoute('product')
  @Endpoint({ summary: 'A product with its variants', responses: { 200: product }, errors: ['not_found'] })
  async get(
    @Param({ schema: productParams }) { idOrHandle }: z.infer<typeof productParams>,
    @Query({ schema: noQuery }) _query: z.infer<typeof noQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendCached(request, reply, await this.catalog.product(idOrHandle), this.cache.product);
  }
}
