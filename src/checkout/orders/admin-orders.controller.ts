import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { pageOf } from '../../platform/http/page.js';
import { Private } from '../../platform/http/private.decorator.js';
import { orderDetail } from './changes/order-changes.dto.js';
import { type OrderSearchQuery, orderParams, orderSearchQuery, orderSummary } from './order.dto.js';
import { ReadOrders } from './read-orders.js';

@ApiTags('administration')
@Controller('v1/admin/orders')
export class AdminOrdersController {
  constructor(@Inject(ReadOrders) private readonly readOrders: ReadOrders) {}

  @Get()
  @RequireAdmin('orders:read')
  @Private()
  @Endpoint({
    summary: 'List and search orders, newest first',
    responses: { 200: pageOf(orderSummary) },
  })
  list(@Query({ schema: orderSearchQuery }) query: OrderSearchQuery) {
    return this.readOrders.search(query);
  }

  @Get(':id')
  @RequireAdmin('orders:read')
  @Private()
  @Endpoint({
    summary: 'Read any order',
    responses: { 200: orderDetail },
    errors: ['not_found'],
  })
  read(@Param({ schema: orderParams }) { id }: z.infer<typeof orderParams>) {
    return this.readOrders.readAny(id);
  }
}
