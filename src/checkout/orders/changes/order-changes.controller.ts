import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { RequireAdmin } from '../../../platform/auth/require-admin.decorator.js';
import type { ErrorCode } from '../../../platform/errors.js';
import { Endpoint } from '../../../platform/http/endpoint.decorator.js';
import { NoBody } from '../../../platform/http/no-body.decorator.js';
import { Private } from '../../../platform/http/private.decorator.js';
import { sendStoredAnswer } from '../../../platform/http/stored-answer.js';
import { claimOf } from '../../../platform/idempotency/claim-of-request.js';
import { IdempotencyKeyHeader } from '../../../platform/idempotency/idempotency-key.decorator.js';
import { requireIdempotencyKey } from '../../../platform/idempotency/idempotency-key.js';
import { type PaymentAnswer, paymentAnswer } from '../../payments/review/payment.dto.js';
import { ResolvePayment } from '../../payments/review/resolve-payment.js';
import { orderParams } from '../order.dto.js';
import { CancelOrder } from './cancel-order.js';
import { ChangeOrder } from './change-order.js';
import { FulfillOrder } from './fulfill-order.js';
import {
  type CancelRequest,
  cancelRequest,
  type FulfillmentRequest,
  fulfillmentRequest,
  orderDetail,
  type RefundRequest,
  refundRequest,
} from './order-changes.dto.js';
import { RefundOrder } from './refund-order.js';

type Params = z.infer<typeof orderParams>;
const errors: ErrorCode[] = ['not_found', 'idempotency_key_reused'];

@ApiTags('administration')
@Controller('v1/admin/orders')
export class OrderChangesController {
  constructor(
    @Inject(ChangeOrder) private readonly changeOrder: ChangeOrder,
    @Inject(CancelOrder) private readonly cancelOrder: CancelOrder,
    @Inject(RefundOrder) private readonly refundOrder: RefundOrder,
    @Inject(FulfillOrder) private readonly fulfillOrder: FulfillOrder,
    @Inject(ResolvePayment) private readonly resolvePayment: ResolvePayment,
  ) {}

  @Post(':id/cancel')
  @RequireAdmin('orders:write')
  @IdempotencyKeyHeader(false)
  @Endpoint({
    summary: 'Cancel an order of which nothing was shipped',
    description: 'Its stock, its discount codes and its money go back. Repeating it changes nothing.',
    responses: { 200: orderDetail },
    errors: [...errors, 'order_shipped'],
  })
  async cancel(
    @Param({ schema: orderParams }) { id }: Params,
    @Body({ schema: cancelRequest }) body: CancelRequest,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.changeOrder.change(id, claimOf(request), 200, (tx, facts) =>
      this.cancelOrder.inTransaction(tx, facts, body),
    );
    sendStoredAnswer(reply, answer);
  }

  @Post(':id/refunds')
  @RequireAdmin('orders:write')
  @IdempotencyKeyHeader(true)
  @Endpoint({
    summary: 'Give money of an order back, for lines, shipping or as an amount',
    description:
      'Exact to the minor unit over discounted lines and their tax. The provider is asked until it has answered.',
    responses: { 201: orderDetail },
    errors: [...errors, 'idempotency_key_required', 'order_unpaid', 'exceeds_order'],
  })
  async refund(
    @Param({ schema: orderParams }) { id }: Params,
    @Body({ schema: refundRequest }) body: RefundRequest,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // Money that is given back twice is gone: the key lets a repeated request be recognised.
    requireIdempotencyKey(request.headers['idempotency-key']);
    const answer = await this.changeOrder.change(id, claimOf(request), 201, (tx, facts) =>
      this.refundOrder.inTransaction(tx, facts, body),
    );
    sendStoredAnswer(reply, answer);
  }

  @Post(':id/mark-paid')
  @NoBody()
  @RequireAdmin('orders:write')
  @Private()
  @Endpoint({
    summary: 'Note that an order was paid by hand',
    responses: { 200: paymentAnswer },
    errors: [...errors, 'payment_not_resolvable'],
  })
  markPaid(@Param({ schema: orderParams }) { id }: Params): Promise<PaymentAnswer> {
    return this.resolvePayment.markOrderPaid(id);
  }

  @Post(':id/fulfillments')
  @RequireAdmin('orders:write')
  @IdempotencyKeyHeader(false)
  @Endpoint({
    summary: 'Note that an order, or some of it, was shipped',
    responses: { 201: orderDetail },
    errors: [...errors, 'order_cancelled', 'exceeds_order'],
  })
  async fulfill(
    @Param({ schema: orderParams }) { id }: Params,
    @Body({ schema: fulfillmentRequest }) body: FulfillmentRequest,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.changeOrder.change(id, claimOf(request), 201, (tx, facts) =>
      this.fulfillOrder.inTransaction(tx, facts, body),
    );
    sendStoredAnswer(reply, answer);
  }
}
