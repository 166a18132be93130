// Merging a cart into the cart of a customer, so that a retry or a crash at any point neither loses nor doubles a line:
//   1. the source is sealed: it names its target and takes no more changes, so its lines stay what they are;
//   2. the target takes the lines over and names the source in one write;
//   3. the source notes that this is done.
// Each step sees whether it was done before. A repeated merge goes on where it stopped, and so does reading a sealed source.
// The target remembers the last MAX_MERGED_FROM sources, for step 2 when step 3 did not happen.
import { Inject, Injectable } from '@nestjs/common';
import { AppError, invalidField, notFound } from '../../platform/errors.js';
import { CartStore } from '../documents/cart.store.js';
import { type Cart, type CartDocument, isOpen } from '../documents/cart-document.js';
import { CartWriter } from './cart-writer.js';
import { takeOver } from './change-cart.js';
import { CustomerCarts } from './customer-carts.js';

/** A target may be ordered while the merge is under way; then the next one is tried. */
const MAX_TARGETS = 5;

/** Whose carts, and which one goes into which. */
export interface Merge {
  readonly customerId: string;
  readonly sourceId: string;
  readonly targetId: string;
}

@Injectable()
export class MergeCarts {
  constructor(
    @Inject(CartWriter) private readonly writer: CartWriter,
    @Inject(CartStore) private readonly store: CartStore,
    @Inject(CustomerCarts) private readonly customerCarts: CustomerCarts,
  ) {}

  /**
   * Merges a cart without an owner, or another one of the customer, into a cart of the customer.
   * @returns the cart that has the lines: not the one asked for, when that was ordered meanwhile or the source had been
   * merged before.
   * @throws AppError `not_found` for carts that do not exist or are somebody else's, `cart_ordered`
   */
  async merge(merge: Merge): Promise<Cart> {
    if (merge.sourceId === merge.targetId) {
      throw invalidField('fromCartId', 'same_cart', 'must be another cart than the one it is merged into');
    }
    // Before the source is sealed: it must not be sealed into a cart that can never take its lines.
    const asked = await this.writer.read(merge.targetId, merge);
    if (asked.customerId !== merge.customerId) throw notFound('This cart');
    let { targetId } = merge;
    for (let n = 0; n < MAX_TARGETS; n++) {
      const source = await this.seal({ ...merge, targetId });
      const target = source.mergedInto === undefined ? undefined : await this.fill(source.mergedInto, source, merge);
      if (target) {
        await this.writer.settle(source.id, (cart) => (cart.mergeDone ? cart : { ...cart, mergeDone: true }));
        await this.writer.dropHold(source);
        await this.writer.holdAgain(target.id);
        return target;
      }
      targetId = (await this.customerCarts.current(merge.customerId)).id;
      await this.writer.settle(source.id, (cart) =>
        cart.mergedInto === source.mergedInto && !cart.mergeDone ? { ...cart, mergedInto: targetId } : cart,
      );
    }
    throw new AppError('cart_changed', { detail: 'The cart was ordered meanwhile. Try again.', retryAfterS: 1 });
  }

  /** Merges a cart into the customer's current one. */
  async mergeIntoCurrent(customerId: string, sourceId: string): Promise<Cart> {
    const current = await this.customerCarts.current(customerId);
    return current.id === sourceId ? current : this.merge({ customerId, sourceId, targetId: current.id });
  }

  /** Goes on with an interrupted merge of a sealed cart. */
  async resume(source: Cart): Promise<void> {
    if (source.mergedInto === undefined || source.mergeDone) return;
    const target = await this.store.find(source.mergedInto);
    if (target?.customerId === undefined) return;
    await this.merge({ customerId: target.customerId, sourceId: source.id, targetId: target.id });
  }

  private async seal({ customerId, sourceId, targetId }: Merge): Promise<Cart> {
    const sealed = await this.writer.settle(sourceId, (cart): CartDocument => {
      if (cart.customerId !== undefined && cart.customerId !== customerId) throw notFound('The cart to be merged');
      if (cart.mergedInto !== undefined) return cart;
      if (cart.orderId !== undefined)
        throw new AppError('cart_ordered', { detail: 'An ordered cart cannot be merged.' });
      return { ...cart, mergedInto: targetId };
    });
    if (!sealed) throw notFound('The cart to be merged');
    return sealed;
  }

  /** @returns the target once it has the lines; undefined when it is closed or gone and never will. */
  private async fill(targetId: string, source: Cart, { customerId }: Merge): Promise<Cart | undefined> {
    const target = await this.writer.settle(targetId, (cart) => {
      if (cart.customerId !== customerId) throw notFound('The cart to be merged');
      return source.mergeDone || !isOpen(cart) ? cart : takeOver(source.id, source)(cart);
    });
    if (source.mergeDone && !target) throw notFound('The cart it was merged into');
    return target && (source.mergeDone || target.mergedFrom.includes(source.id)) ? target : undefined;
  }
}
