import { Controller, Get, Headers, Inject, Param, Query } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CurrentCustomer, OptionalCustomer, type RequestCustomer, RequireCustomer } from '../../customers/index.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { pageOf } from '../../platform/http/page.js';
import { Private } from '../../platform/http/private.decorator.js';
import { orderDetail } from './changes/order-changes.dto.js';
import { orderListQuery, orderParams, orderQuery, orderSummary } from './order.dto.js';
import { ReadOrders } from './read-orders.js';

@ApiTags('orders')
@Controller('v1')
export class OrdersController {
  constructor(@Inject(ReadOrders) private readonly readOrders: ReadOrders) {}

  @Get('orders/:id')
  @OptionalCustomer()
  @Private()
  @ApiHeader({
    name: 'X-Order-Token',
    required: false,
    description: "The order's `accessToken`, instead of an account.",
  })
  @Endpoint({ summary: 'Read an order', responses: { 200: orderDetail }, errors: ['not_found'] })
  read(
    @Param({ schema: orderParams }) { id }: z.infer<typeof orderParams>,
    @Query({ schema: orderQuery }) { accessToken }: z.infer<typeof orderQuery>,
    @Headers('x-order-token') tokenHeader: string | undefined,
    @CurrentCustomer() caller: RequestCustomer | undefined,
  ) {
    return this.readOrders.read(id, caller, tokenHeader ?? accessToken);
  }

  @Get('customers/me/orders')
  @RequireCustomer()
  @Private()
  @Endpoint({
    summary: 'List my orders, newest first',
    responses: { 200: pageOf(orderSummary) },
  })
  mine(
    @Query({ schema: orderListQuery }) query: z.infer<typeof orderListQuery>,
    @CurrentCustomer() caller: RequestCustomer,
  ) {
    return this.readOrders.ofCustomer(query, caller.customerId);
  }
}
