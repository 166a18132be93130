import { Body, Controller, Delete, Headers, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CurrentCustomer, OptionalCustomer, type RequestCustomer } from '../../customers/index.js';
import type { ErrorCode } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { IdempotencyKeyHeader } from '../../platform/idempotency/idempotency-key.decorator.js';
import { parseIdempotencyKey } from '../../platform/idempotency/idempotency-key.js';
import { EditCart } from '../changes/edit-cart.service.js';
import { cartParams, cartResponse, type LineRequest, lineParams, lineRequest, quantityRequest } from './cart.dto.js';
import { toCartAnswer } from './cart-answer.js';
import { IfMatch } from './if-match.decorator.js';
import { parseIfMatch, withEtag } from './if-match.js';

const responses = { 200: cartResponse };
const errors: ErrorCode[] = [
  'not_found',
  'cart_ordered',
  'precondition_failed',
  'cart_changed',
  'quantity_limit',
  'out_of_stock',
  'unavailable',
];

@ApiTags('carts')
@Controller('v1/carts/:id/lines')
export class CartLinesController {
  constructor(@Inject(EditCart) private readonly edit: EditCart) {}

  @Post()
  @Private()
  @IfMatch()
  @IdempotencyKeyHeader(false)
  @OptionalCustomer()
  @Endpoint({
    summary: 'Put something into a cart',
    description:
      'A variant has one line: adding it again adds to its quantity. The cart itself remembers its last 20 keys.',
    responses,
    errors: [...errors, 'idempotency_key_reused'],
  })
  async add(
    @Param({ schema: cartParams }) { id: cartId }: z.infer<typeof cartParams>,
    @Body({ schema: lineRequest }) line: LineRequest,
    @CurrentCustomer() customer: RequestCustomer | undefined,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const expected = parseIfMatch(headers['if-match']);
    const request = { cartId, customer, expected, key: parseIdempotencyKey(headers['idempotency-key']) };
    return withEtag(reply, toCartAnswer(await this.edit.addLine(request, line)));
  }

  @Patch(':lineId')
  @Private()
  @IfMatch()
  @OptionalCustomer()
  @Endpoint({ summary: 'Change the quantity of a line', responses, errors })
  async setQuantity(
    @Param({ schema: lineParams }) { id: cartId, lineId }: z.infer<typeof lineParams>,
    @Body({ schema: quantityRequest }) { quantity }: z.infer<typeof quantityRequest>,
    @CurrentCustomer() customer: RequestCustomer | undefined,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const request = { cartId, customer, expected: parseIfMatch(ifMatch) };
    return withEtag(reply, toCartAnswer(await this.edit.setQuantity(request, lineId, quantity)));
  }

  @Delete(':lineId')
  @Private()
  @IfMatch()
  @OptionalCustomer()
  @Endpoint({ summary: 'Take a line out of a cart', responses, errors })
  async remove(
    @Param({ schema: lineParams }) { id: cartId, lineId }: z.infer<typeof lineParams>,
    @CurrentCustomer() customer: RequestCustomer | undefined,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return withEtag(
      reply,
      toCartAnswer(await this.edit.removeLine({ cartId, customer, expected: parseIfMatch(ifMatch) }, lineId)),
    );
  }
}
