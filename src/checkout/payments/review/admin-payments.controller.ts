import { Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { RequireAdmin } from '../../../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../../../platform/http/endpoint.decorator.js';
import { NoBody } from '../../../platform/http/no-body.decorator.js';
import { pageOf } from '../../../platform/http/page.js';
import { Private } from '../../../platform/http/private.decorator.js';
import {
  type PaymentListQuery,
  paymentAnswer,
  paymentListQuery,
  paymentParams,
  resolutionParams,
} from './payment.dto.js';
import { ReadPayments } from './read-payments.js';
import { ResolvePayment } from './resolve-payment.js';

@ApiTags('payments')
@Controller('v1/admin/payments')
export class AdminPaymentsController {
  constructor(
    @Inject(ReadPayments) private readonly readPayments: ReadPayments,
    @Inject(ResolvePayment) private readonly resolvePayment: ResolvePayment,
  ) {}

  @Get()
  @RequireAdmin('orders:read')
  @Private()
  @Endpoint({
    summary: 'List payments that a person must look at, or those in another state',
    responses: { 200: pageOf(paymentAnswer) },
  })
  list(@Query({ schema: paymentListQuery }) query: PaymentListQuery) {
    return this.readPayments.page(query);
  }

  @Get(':id')
  @RequireAdmin('orders:read')
  @Private()
  @Endpoint({
    summary: 'Read a payment',
    responses: { 200: paymentAnswer },
    errors: ['not_found'],
  })
  read(@Param({ schema: paymentParams }) { id }: z.infer<typeof paymentParams>) {
    return this.readPayments.read(id);
  }

  @Post(':id/:resolution')
  @NoBody()
  @RequireAdmin('orders:write')
  @Private()
  @Endpoint({
    summary: 'Resolve a payment',
    description:
      '`retry` asks the provider again; `mark-paid` and `mark-voided` note what was settled outside; `void` gives the money of a cancelled order back; `acknowledge` takes note of what became of captured money.',
    responses: { 200: paymentAnswer },
    errors: ['not_found', 'payment_not_resolvable'],
  })
  resolve(@Param({ schema: resolutionParams }) { id, resolution }: z.infer<typeof resolutionParams>) {
    return this.resolvePayment.resolve(id, resolution);
  }
}
