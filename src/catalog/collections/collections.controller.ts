import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { sendCached } from '../../cache/index.js';
import { notFound } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { HotReadRoute } from '../../platform/http/hot-reads.js';
import { CatalogCache } from '../catalog-cache.js';
import { noQuery } from '../products/product.dto.js';
import { collectionProductsQuery, productPage } from '../products/product-list.dto.js';
import { ProductLists } from '../products/product-lists.service.js';
import {
  type CollectionListQuery,
  collection,
  collectionListQuery,
  collectionPage,
  collectionParams,
} from './collection.dto.js';
import { toCollectionListKey } from './collection-document.js';

type CollectionParams = z.infer<typeof collectionParams>;

@ApiTags('catalogue')
@Controller('v1/collections')
export class CollectionsController {
  constructor(
    @Inject(CatalogCache) private readonly cache: CatalogCache,
    @Inject(ProductLists) private readonly lists: ProductLists,
  ) {}

  @Get()
  @Endpoint({ summary: 'Collections by title, a page at a time', responses: { 200: collectionPage } })
  async list(
    @Query({ schema: collectionListQuery }) query: CollectionListQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.cache.collectionList.get(toCollectionListKey(query));
    if (!answer.found) throw new Error('a page of collections is always found');
    sendCached(request, reply, answer, this.cache.collectionList);
  }

  @Get(':handle')
  @HotReadRoute('collection')
  @Endpoint({ summary: 'A collection', responses: { 200: collection }, errors: ['not_found'] })
  async get(
    @Param({ schema: collectionParams }) { handle }: CollectionParams,
    @Query({ schema: noQuery }) _query: z.infer<typeof noQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.cache.collection.get(handle);
    if (!answer.found) throw notFound('The collection');
    sendCached(request, reply, answer, this.cache.collection);
  }

  @Get(':handle/products')
  @Endpoint({
    summary: 'Published products of a collection, a page at a time',
    responses: { 200: productPage },
    errors: ['not_found'],
  })
  async products(
    @Param({ schema: collectionParams }) { handle }: CollectionParams,
    @Query({ schema: collectionProductsQuery }) query: z.infer<typeof collectionProductsQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendCached(request, reply, await this.lists.pageOfCollection(handle, query), this.cache.productList);
  }
}
