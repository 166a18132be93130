import { Body, Controller, Get, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CurrentCustomer, OptionalCustomer, type RequestCustomer } from '../customers/index.js';
import { Endpoint } from '../platform/http/endpoint.decorator.js';
import { NoBody } from '../platform/http/no-body.decorator.js';
import { Private } from '../platform/http/private.decorator.js';
import { IdempotencyKeyHeader } from '../platform/idempotency/idempotency-key.decorator.js';
import { OncePerKey } from '../platform/idempotency/once-per-key.js';
import {
  type ChangeCheckoutRequest,
  type CheckoutAnswer,
  changeCheckoutRequest,
  checkoutAnswer,
  checkoutParams,
  type OpenCheckoutRequest,
  openCheckoutRequest,
  shippingMethodsAnswer,
  toCheckoutAnswer,
  toShippingMethodsAnswer,
} from './checkout.dto.js';
import { CancelCheckout } from './session/cancel-checkout.js';
import { ChangeCheckout } from './session/change-checkout.js';
import { OpenCheckout } from './session/open-checkout.js';
import { ReadCheckout } from './session/read-checkout.js';

type Params = z.infer<typeof checkoutParams>;
type Caller = RequestCustomer | undefined;

@ApiTags('checkout')
@Controller('v1/checkouts')
export class CheckoutController {
  constructor(
    @Inject(OpenCheckout) private readonly openCheckout: OpenCheckout,
    @Inject(ReadCheckout) private readonly readCheckout: ReadCheckout,
    @Inject(ChangeCheckout) private readonly changeCheckout: ChangeCheckout,
    @Inject(CancelCheckout) private readonly cancelCheckout: CancelCheckout,
    @Inject(OncePerKey) private readonly once: OncePerKey,
  ) {}

  @Post()
  @OptionalCustomer()
  @IdempotencyKeyHeader(false)
  @Private()
  @Endpoint({
    summary: 'Open a checkout: prices the cart and sets its stock aside',
    responses: { 201: checkoutAnswer },
    errors: [
      'not_found',
      'cart_empty',
      'cart_ordered',
      'cart_changed',
      'quantity_limit',
      'out_of_stock',
      'price_changed',
      'checkout_in_progress',
      'idempotency_key_reused',
      'request_in_progress',
      'unavailable',
    ],
  })
  open(
    @Body({ schema: openCheckoutRequest }) body: OpenCheckoutRequest,
    @CurrentCustomer() caller: Caller,
    @Req() request: FastifyRequest,
  ): Promise<CheckoutAnswer> {
    const open = async () => toCheckoutAnswer(await this.openCheckout.open(body, caller));
    return this.once.run(request, open, 'cartId');
  }

  @Get(':id')
  @OptionalCustomer()
  @Private()
  @Endpoint({ summary: 'Read a checkout', responses: { 200: checkoutAnswer }, errors: ['not_found'] })
  async read(
    @Param({ schema: checkoutParams }) { id }: Params,
    @CurrentCustomer() caller: Caller,
  ): Promise<CheckoutAnswer> {
    return toCheckoutAnswer(await this.readCheckout.read(id, caller));
  }

  @Get(':id/shipping-methods')
  @OptionalCustomer()
  @Private()
  @Endpoint({ summary: 'List how it can be shipped', responses: { 200: shippingMethodsAnswer }, errors: ['not_found'] })
  async shippingMethods(@Param({ schema: checkoutParams }) { id }: Params, @CurrentCustomer() caller: Caller) {
    return toShippingMethodsAnswer(await this.readCheckout.read(id, caller));
  }

  @Patch(':id')
  @OptionalCustomer()
  @Private()
  @Endpoint({
    summary: 'Set e-mail, addresses or the shipping method',
    responses: { 200: checkoutAnswer },
    errors: ['not_found', 'checkout_closed', 'checkout_in_progress', 'version_conflict'],
  })
  async change(
    @Param({ schema: checkoutParams }) { id }: Params,
    @Body({ schema: changeCheckoutRequest }) body: ChangeCheckoutRequest,
    @CurrentCustomer() caller: Caller,
  ): Promise<CheckoutAnswer> {
    return toCheckoutAnswer(await this.changeCheckout.change(id, body, caller));
  }

  @Post(':id/cancel')
  @NoBody()
  @OptionalCustomer()
  @Private()
  @Endpoint({
    summary: 'Give the checkout up and its stock back',
    responses: { 200: checkoutAnswer },
    errors: ['not_found', 'checkout_closed', 'checkout_in_progress'],
  })
  async cancel(
    @Param({ schema: checkoutParams }) { id }: Params,
    @CurrentCustomer() caller: Caller,
  ): Promise<CheckoutAnswer> {
    return toCheckoutAnswer(await this.cancelCheckout.cancel(id, caller));
  }
}
