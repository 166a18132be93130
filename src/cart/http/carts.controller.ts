import { Body, Controller, Get, Headers, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CurrentCustomer, OptionalCustomer, type RequestCustomer, RequireCustomer } from '../../customers/index.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { IdempotencyKeyHeader } from '../../platform/idempotency/idempotency-key.decorator.js';
import { OncePerKey } from '../../platform/idempotency/once-per-key.js';
import { CartService } from '../cart.service.js';
import { EditCart } from '../changes/edit-cart.service.js';
import {
  type CreateCartRequest,
  cartParams,
  cartResponse,
  codesRequest,
  createCartRequest,
  mergeRequest,
} from './cart.dto.js';
import { toCartAnswer } from './cart-answer.js';
import { IfMatch } from './if-match.decorator.js';
import { parseIfMatch, withEtag } from './if-match.js';

@ApiTags('carts')
@Controller('v1/carts')
export class CartsController {
  constructor(
    @Inject(EditCart) private readonly edit: EditCart,
    @Inject(CartService) private readonly carts: CartService,
    @Inject(OncePerKey) private readonly once: OncePerKey,
  ) {}

  @Post()
  @Private()
  @OptionalCustomer()
  @IdempotencyKeyHeader(false)
  @Endpoint({
    summary: 'Make a cart',
    description: 'With a customer token the cart belongs to the customer and becomes the current one.',
    responses: { 201: cartResponse },
    errors: ['quantity_limit', 'out_of_stock', 'idempotency_key_reused', 'request_in_progress', 'unavailable'],
  })
  async create(
    @Body({ schema: createCartRequest }) body: CreateCartRequest,
    @CurrentCustomer() customer: RequestCustomer | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const create = async () => toCartAnswer(await this.edit.create(body, customer));
    return withEtag(reply, await this.once.run(request, create));
  }

  @Get(':id')
  @Private()
  @OptionalCustomer()
  @Endpoint({
    summary: 'Read a cart with its prices',
    description: 'A cart without an owner is open to whoever knows its id; that of a customer to the customer only.',
    responses: { 200: cartResponse },
    errors: ['not_found', 'unavailable'],
  })
  async read(
    @Param({ schema: cartParams }) { id }: z.infer<typeof cartParams>,
    @CurrentCustomer() customer: RequestCustomer | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return withEtag(reply, toCartAnswer(await this.carts.view(id, customer)));
  }

  @Put(':id/discount-codes')
  @Private()
  @IfMatch()
  @OptionalCustomer()
  @Endpoint({
    summary: 'Replace the discount codes of a cart',
    description: 'Codes that do not apply are kept, and listed as refused with the reason.',
    responses: { 200: cartResponse },
    errors: ['not_found', 'cart_ordered', 'precondition_failed', 'cart_changed', 'unavailable'],
  })
  async replaceCodes(
    @Param({ schema: cartParams }) { id: cartId }: z.infer<typeof cartParams>,
    @Body({ schema: codesRequest }) { codes }: z.infer<typeof codesRequest>,
    @CurrentCustomer() customer: RequestCustomer | undefined,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const request = { cartId, customer, expected: parseIfMatch(ifMatch) };
    return withEtag(reply, toCartAnswer(await this.edit.replaceCodes(request, codes)));
  }

  @Post(':id/merge')
  @Private()
  @RequireCustomer()
  @Endpoint({
    summary: 'Merge another cart into a cart of the customer',
    description:
      'Quantities are added up to what a line may have. The other cart is closed. Repeating the request changes nothing.',
    responses: { 200: cartResponse },
    errors: ['not_found', 'cart_ordered', 'cart_changed', 'unavailable'],
  })
  async merge(
    @Param({ schema: cartParams }) { id }: z.infer<typeof cartParams>,
    @Body({ schema: mergeRequest }) { fromCartId }: z.infer<typeof mergeRequest>,
    @CurrentCustomer() { customerId }: RequestCustomer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return withEtag(reply, toCartAnswer(await this.carts.merge({ customerId, sourceId: fromCartId, targetId: id })));
  }
}
