import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { RequestCustomer } from '../../customers/index.js';
import { AppError, notFound } from '../../platform/errors.js';
import { decodeCursor, type Page, toPage } from '../../platform/http/page.js';
import { hashAccessToken } from './access-token.js';
import type { OrderDetail } from './changes/order-changes.dto.js';
import { OrderChangesRepository } from './changes/order-changes.repository.js';
import { toOrderDetail } from './changes/order-detail.js';
import type { OrderListQuery, OrderSearchQuery, OrderSummary } from './order.dto.js';
import { toOrderSummary } from './order-answer.js';
import { type OrderSearch, OrdersRepository } from './orders.repository.js';

@Injectable()
export class ReadOrders {
  constructor(
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(OrderChangesRepository) private readonly changes: OrderChangesRepository,
  ) {}

  /** An order opens to its customer and to whoever has its access token. @throws AppError `not_found` to everybody else */
  async read(id: string, customer: RequestCustomer | undefined, token: string | undefined): Promise<OrderDetail> {
    const facts = await this.changes.find(id);
    if (!facts) throw notFoundOrClosed();
    const { customerId, accessTokenHash } = facts.order;
    const isOwner = customerId !== null && customerId === customer?.customerId;
    const hasToken = token !== undefined && timingSafeEqual(hashAccessToken(token), accessTokenHash);
    if (!isOwner && !hasToken) throw notFoundOrClosed();
    return toOrderDetail(facts);
  }

  /** Any order, for administrators. @throws AppError `not_found` */
  async readAny(id: string): Promise<OrderDetail> {
    const facts = await this.changes.find(id);
    if (!facts) throw notFound('This order');
    return toOrderDetail(facts);
  }

  /** The orders of a customer, newest first. */
  ofCustomer(page: OrderListQuery, customerId: string): Promise<Page<OrderSummary>> {
    return this.page(page, { customerId });
  }

  /** Orders of anybody, newest first. */
  search({ limit, cursor, q, placedFrom, placedBefore, ...rest }: OrderSearchQuery): Promise<Page<OrderSummary>> {
    return this.page(
      { limit, cursor },
      {
        ...rest,
        ...(q !== undefined && (/^\d{1,15}$/.test(q) ? { number: Number(q) } : { emailPrefix: q })),
        placedFrom: placedFrom === undefined ? undefined : new Date(placedFrom),
        placedBefore: placedBefore === undefined ? undefined : new Date(placedBefore),
      },
    );
  }

  private async page({ limit, cursor }: OrderListQuery, search: OrderSearch): Promise<Page<OrderSummary>> {
    const [beforeNumber] = cursor === undefined ? [] : decodeCursor(cursor, z.tuple([z.int()]));
    const rows = await this.orders.list({ ...search, limit: limit + 1, beforeNumber });
    return toPage(rows, limit, toOrderSummary, (row) => [row.number]);
  }
}

/** One answer for both, or it would tell which orders there are. */
const notFoundOrClosed = (): AppError =>
  new AppError('not_found', { detail: 'This order was not found, or its X-Order-Token is missing or wrong.' });
