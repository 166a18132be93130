import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { RequestCustomer } from '../../customers/index.js';
import { notFound } from '../../platform/errors.js';
import { decodeCursor, type Page, toPage } from '../../platform/http/page.js';
import { hashAccessToken } from './access-token.js';
import type { OrderAnswer, OrderListQuery, OrderSummary } from './order.dto.js';
import { toOrderAnswer, toOrderSummary } from './order-answer.js';
import { OrdersRepository } from './orders.repository.js';

@Injectable()
export class ReadOrders {
  constructor(@Inject(OrdersRepository) private readonly orders: OrdersRepository) {}

  /** An order opens to its customer and to who has its access token. @throws AppError `not_found` to everybody else */
  async read(id: string, customer: RequestCustomer | undefined, token: string | undefined): Promise<OrderAnswer> {
    const stored = await this.orders.find(id);
    if (!stored) throw notFound('This order');
    const { customerId, accessTokenHash } = stored.order;
    const isOwner = customerId !== null && customerId === customer?.customerId;
    const hasToken = token !== undefined && timingSafeEqual(hashAccessToken(token), accessTokenHash);
    if (!isOwner && !hasToken) throw notFound('This order');
    return toOrderAnswer(stored);
  }

  /** Any order, for administrators. @throws AppError `not_found` */
  async readAny(id: string): Promise<OrderAnswer> {
    const stored = await this.orders.find(id);
    if (!stored) throw notFound('This order');
    return toOrderAnswer(stored);
  }

  /** Orders, newest first; only those of a customer when one is named. */
  async page({ limit, cursor }: OrderListQuery, customerId?: string): Promise<Page<OrderSummary>> {
    const [beforeNumber] = cursor === undefined ? [] : decodeCursor(cursor, z.tuple([z.int()]));
    const rows = await this.orders.list({ limit: limit + 1, customerId, beforeNumber });
    return toPage(rows, limit, toOrderSummary, (row) => [row.number]);
  }
}
