import { Body, Controller, Headers, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { CurrentCustomer, OptionalCustomer, type RequestCustomer } from '../customers/index.js';
import { CONFIG, type Config } from '../platform/config.js';
import { Endpoint } from '../platform/http/endpoint.decorator.js';
import { sendStoredAnswer } from '../platform/http/stored-answer.js';
import { IdempotencyKeyHeader } from '../platform/idempotency/idempotency-key.decorator.js';
import { requireIdempotencyKey } from '../platform/idempotency/idempotency-key.js';
import {
  type CompleteCheckoutRequest,
  checkoutParams,
  completeCheckoutRequest,
  paymentActionAnswer,
} from './checkout.dto.js';
import { withAccessToken } from './orders/access-token.js';
import { placedOrderAnswer } from './orders/order.dto.js';
import { CompleteCheckout } from './placing/complete-checkout.js';

@ApiTags('checkout')
@Controller('v1/checkouts')
export class CompleteCheckoutController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CompleteCheckout) private readonly completeCheckout: CompleteCheckout,
  ) {}

  @Post(':id/complete')
  @OptionalCustomer()
  @IdempotencyKeyHeader(true)
  @Endpoint({
    summary: 'Pay and place the order',
    description:
      'Send it again with the same key when no answer came: the answer of the first request is repeated. It always says ' +
      '`placed`: the money is taken after the answer, so the order soon reads `captured`.',
    responses: { 201: placedOrderAnswer, 202: paymentActionAnswer },
    errors: [
      'idempotency_key_required',
      'payment_declined',
      'not_found',
      'out_of_stock',
      'quantity_limit',
      'price_changed',
      'hold_expired',
      'checkout_in_progress',
      'checkout_closed',
      'checkout_incomplete',
      'cart_ordered',
      'idempotency_key_reused',
      'payment_provider_unavailable',
      'unavailable',
    ],
  })
  async complete(
    @Param({ schema: checkoutParams }) { id }: z.infer<typeof checkoutParams>,
    @Headers('idempotency-key') key: string | undefined,
    @Body({ schema: completeCheckoutRequest }) body: CompleteCheckoutRequest,
    @CurrentCustomer() caller: RequestCustomer | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.completeCheckout.complete(id, requireIdempotencyKey(key), body, caller);
    sendStoredAnswer(reply, withAccessToken(answer, this.config.AUTH_SECRET));
  }
}
