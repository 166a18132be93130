import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../../customers/index.js';
import { Clock } from '../../platform/clock.js';
import { hashRequest } from '../../platform/idempotency/idempotency.repository.js';
import { newId } from '../../platform/ids.js';
import { CartPricing } from '../cart-pricing.service.js';
import { type CartLine, emptyCart } from '../documents/cart-document.js';
import type { CreateCartRequest, LineRequest } from '../http/cart.dto.js';
import { CartWriter, type ChangeRequest, type PricedCart } from './cart-writer.js';
import { addLine, inOrder, once, removeLine, replaceCodes, setQuantity } from './change-cart.js';
import { CustomerCarts } from './customer-carts.js';
import { requireOffered } from './require-offered.js';

/** What clients do with carts. Every method returns the cart after it, with its prices. */
@Injectable()
export class EditCart {
  constructor(
    @Inject(CartWriter) private readonly writer: CartWriter,
    @Inject(CartPricing) private readonly pricing: CartPricing,
    @Inject(CustomerCarts) private readonly customerCarts: CustomerCarts,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Makes a cart; that of a customer becomes the current one. */
  async create(request: CreateCartRequest, customer: RequestCustomer | undefined): Promise<PricedCart> {
    const currency = this.pricing.currencyOf(request.currency);
    const fill = inOrder(request.lines.map((line) => addLine(this.newLine(line))));
    const document = fill(emptyCart(currency, customer?.customerId));
    const variantIds = request.lines.map((line) => line.variantId);
    const created = await this.writer.create(document, (quote) =>
      requireOffered(quote, variantIds, (index) => `lines.${index}.variantId`),
    );
    if (customer) await this.customerCarts.choose(customer.customerId, created.cart.id);
    return created;
  }

  /** @param request `key`: of several requests with the same one, one is carried out */
  addLine(request: ChangeRequest & { key?: string | undefined }, line: LineRequest): Promise<PricedCart> {
    const add = addLine(this.newLine(line));
    const { key } = request;
    return this.writer.change(request, key === undefined ? add : once(shortHash(key), shortHash(line), add), (quote) =>
      requireOffered(quote, [line.variantId], () => 'variantId'),
    );
  }

  setQuantity(request: ChangeRequest, lineId: string, quantity: number): Promise<PricedCart> {
    return this.writer.change(request, setQuantity(lineId, quantity));
  }

  removeLine(request: ChangeRequest, lineId: string): Promise<PricedCart> {
    return this.writer.change(request, removeLine(lineId));
  }

  replaceCodes(request: ChangeRequest, codes: readonly string[]): Promise<PricedCart> {
    return this.writer.change(request, replaceCodes(codes));
  }

  private newLine({ variantId, quantity }: LineRequest): CartLine {
    return { lineId: newId(), variantId, quantity, addedAtMs: this.clock.nowMs() };
  }
}

/** Long enough that two requests to one cart are not mistaken for each other. */
const shortHash = (request: unknown) => hashRequest(request).toString('base64url').slice(0, 16);
