// The changes of a cart: pure, so that they can be applied again after another request has written meanwhile.
import { AppError, invalidField, notFound } from '../../platform/errors.js';
import { keyReused } from '../../platform/idempotency/earlier-answer.js';
import {
  type CartDocument,
  type CartLine,
  MAX_APPLIED,
  MAX_CODES,
  MAX_LINES,
  MAX_MERGED_FROM,
  MAX_QUANTITY,
} from '../documents/cart-document.js';

/** Returns the next state of the cart, or the same object when nothing changes. */
export type CartChange = (cart: CartDocument) => CartDocument;

/** @throws AppError `cart_ordered`, or `not_found` when its lines have moved to another cart. */
export function requireOpen(cart: CartDocument): void {
  if (cart.orderId !== undefined) {
    throw new AppError('cart_ordered', { detail: 'Begin a new cart.', extra: { orderId: cart.orderId } });
  }
  if (cart.mergedInto !== undefined) throw notFound('This cart');
}

/** Adds a quantity of a variant: to its line when it has one, else as a new line `lineId`. */
export function addLine({ lineId, variantId, quantity, addedAtMs }: CartLine): CartChange {
  return (cart) => {
    const present = cart.lines.find((line) => line.variantId === variantId);
    if (present) return setQuantity(present.lineId, present.quantity + quantity)(cart);
    if (cart.lines.length >= MAX_LINES) {
      throw invalidField('lines', 'too_many_lines', `a cart has ${MAX_LINES} lines at most`);
    }
    return { ...cart, lines: [...cart.lines, { lineId, variantId, quantity, addedAtMs }] };
  };
}

export function setQuantity(lineId: string, quantity: number): CartChange {
  return (cart) => {
    if (!cart.lines.some((line) => line.lineId === lineId)) throw notFound('This line');
    if (quantity > MAX_QUANTITY) {
      throw invalidField('quantity', 'too_big', `would be ${quantity} in the cart; ${MAX_QUANTITY} is the most`);
    }
    return { ...cart, lines: cart.lines.map((line) => (line.lineId === lineId ? { ...line, quantity } : line)) };
  };
}

export function removeLine(lineId: string): CartChange {
  return (cart) => {
    const lines = cart.lines.filter((line) => line.lineId !== lineId);
    if (lines.length === cart.lines.length) throw notFound('This line');
    return { ...cart, lines };
  };
}

export function replaceCodes(codes: readonly string[]): CartChange {
  return (cart) => ({ ...cart, discountCodes: [...new Set(codes)] });
}

/**
 * A change that is made once for its key, which the same write stores.
 * @throws AppError `idempotency_key_reused` when the key came with another request
 */
export function once(key: string, request: string, change: CartChange): CartChange {
  return (cart) => {
    const earlier = cart.applied?.find((applied) => applied.key === key);
    if (earlier?.request === request) return cart;
    if (earlier) throw keyReused();
    return { ...change(cart), applied: [...(cart.applied ?? []), { key, request }].slice(-MAX_APPLIED) };
  };
}

/** Several changes as one. */
export function inOrder(changes: readonly CartChange[]): CartChange {
  return (cart) => changes.reduce((current, change) => change(current), cart);
}

/**
 * Takes over the lines and codes of another cart, once: a cart named in `mergedFrom` has been taken over. Quantities are
 * added up to MAX_QUANTITY. Lines and codes beyond MAX_LINES and MAX_CODES are left out; the target's own come first.
 */
export function takeOver(sourceId: string, source: CartDocument): CartChange {
  return (target) => {
    if (target.mergedFrom.includes(sourceId)) return target;
    const added = new Map(source.lines.map((line) => [line.variantId, line]));
    const lines = target.lines.map((line) => {
      const more = added.get(line.variantId)?.quantity ?? 0;
      added.delete(line.variantId);
      return more === 0 ? line : { ...line, quantity: Math.min(line.quantity + more, MAX_QUANTITY) };
    });
    return {
      ...target,
      lines: [...lines, ...added.values()].slice(0, MAX_LINES),
      discountCodes: [...new Set([...target.discountCodes, ...source.discountCodes])].slice(0, MAX_CODES),
      mergedFrom: [...target.mergedFrom, sourceId].slice(-MAX_MERGED_FROM),
    };
  };
}
