// What a cart is, as it is kept in Redis and PostgreSQL. Its version is kept beside it by the document store.
import { z } from 'zod';

export const MAX_LINES = 100;
export const MAX_QUANTITY = 10_000;
export const MAX_CODES = 10;
/** How many requests with an Idempotency-Key a cart remembers. */
export const MAX_APPLIED = 20;
/** How many merged carts a cart remembers; merge-carts.service.ts says why. */
export const MAX_MERGED_FROM = 50;

const cartLine = z.object({
  lineId: z.string(),
  variantId: z.string(),
  quantity: z.int(),
  addedAtMs: z.int(),
});

/** Stock set aside for a cart: only for the lines it was taken for. */
const cartHold = z.object({ id: z.string(), expiresAtMs: z.int(), lines: z.array(z.tuple([z.string(), z.int()])) });

export const cartDocument = z.object({
  currency: z.string(),
  /** Whose cart it is; a cart without an owner is open to whoever knows its id. */
  customerId: z.string().optional(),
  lines: z.array(cartLine),
  /** In capitals, in the order they were entered. */
  discountCodes: z.array(z.string()),
  /** Carts whose lines have been taken over, newest last. */
  mergedFrom: z.array(z.string()),
  /** The cart that takes this one's lines over: from then on this one is closed and its lines stay as they are. */
  mergedInto: z.string().optional(),
  /** The other cart is known to have the lines. */
  mergeDone: z.boolean().optional(),
  /** Requests with an Idempotency-Key that have been applied, newest last: hash of the key, hash of the request. */
  applied: z.array(z.object({ key: z.string(), request: z.string() })).optional(),
  /** Kept with RESERVE_AT=cart. */
  hold: cartHold.optional(),
  /** The order that was made of it: from then on it is closed. */
  orderId: z.string().optional(),
});

export type CartHold = z.infer<typeof cartHold>;
/** A variant in a cart, and how many of it. */
export type CartLine = z.infer<typeof cartLine>;
export type CartDocument = z.infer<typeof cartDocument>;

/** Which cart is a customer's current one. */
export const cartPointer = z.object({ cartId: z.string() });
export type CartPointer = z.infer<typeof cartPointer>;

/** A cart with its id and version, which grows with every change. */
export interface Cart extends Readonly<CartDocument> {
  readonly id: string;
  readonly version: number;
}

export const emptyCart = (currency: string, customerId?: string): CartDocument => ({
  currency,
  ...(customerId !== undefined && { customerId }),
  lines: [],
  discountCodes: [],
  mergedFrom: [],
});

/** Whether the cart can be changed: it was neither ordered nor merged into another. */
export const isOpen = (cart: CartDocument): boolean => cart.orderId === undefined && cart.mergedInto === undefined;
