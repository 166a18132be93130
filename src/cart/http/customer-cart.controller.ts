import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentCustomer, type RequestCustomer, RequireCustomer } from '../../customers/index.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { CartService } from '../cart.service.js';
import { cartResponse } from './cart.dto.js';
import { toCartAnswer } from './cart-answer.js';
import { withEtag } from './if-match.js';

@ApiTags('customers')
@Controller('v1/customers/me/cart')
export class CustomerCartController {
  constructor(@Inject(CartService) private readonly carts: CartService) {}

  @Get()
  @Private()
  @RequireCustomer()
  @Endpoint({
    summary: 'The current cart of the customer',
    description: 'An empty one is made when there is none, or when the last one was ordered.',
    responses: { 200: cartResponse },
    errors: ['unavailable'],
  })
  async read(@CurrentCustomer() { customerId }: RequestCustomer, @Res({ passthrough: true }) reply: FastifyReply) {
    return withEtag(reply, toCartAnswer(await this.carts.current(customerId)));
  }
}
