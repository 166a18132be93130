// Every event of the system: ids and versions only, never whole entities. Written to the outbox in the
// transaction of the change, delivered at least once.
import { z } from 'zod';

const id = z.string();
const level = z.object({ variantId: id, locationId: id, version: z.int() });

export const eventMap = {
  /** Rows of the catalogue changed (written by triggers as well): what is cached under these tags is void. */
  'catalog.changed': z.object({ tags: z.array(z.string()) }),
  /** A discount rule set became the active one. */
  'discounts.activated': z.object({ version: z.int() }),
  /** Levels of these variants changed outside an order: Redis mirrors them. One event for many, since imports change many. */
  'inventory.level-changed': z.object({ variantIds: z.array(id).min(1).max(500) }),
  /** A level came down to its low-stock threshold, has nothing left to take, or has again. Once for each crossing. */
  'inventory.low-stock': level,
  'inventory.out-of-stock': level,
  'inventory.back-in-stock': level,
  /** An order was placed: capture its payment, end its hold, close its cart. */
  'order.placed': z.object({ orderId: id, attemptId: id, checkoutId: id, cartId: id }),
  /** An order was cancelled: its stock is back, its payment is on its way back. */
  'order.cancelled': z.object({ orderId: id }),
  /** Money of an order is to be given back; the provider is being asked. */
  'order.refunded': z.object({ orderId: id, refundId: id }),
  /** Something of an order was shipped. */
  'order.fulfilled': z.object({ orderId: id, fulfillmentId: id }),
  /** A payment ended without an order: its authorization, if any, is given back and its checkout can go on. */
  'payment.ended': z.object({ attemptId: id, checkoutId: id }),
  /** A checkout was not paid in time: its hold is given back. */
  'checkout.expired': z.object({ checkoutId: id }),
} as const;

export type EventName = keyof typeof eventMap;
export type EventPayload<N extends EventName> = z.infer<(typeof eventMap)[N]>;

const levelKey = ({ variantId, locationId }: z.infer<typeof level>) => `level:${variantId}:${locationId}`;

/** Events that are delivered in order: each after those with the same key that were written before it. */
const orderingKeys: { readonly [N in EventName]?: (payload: EventPayload<N>) => string } = {
  'inventory.low-stock': levelKey,
  'inventory.out-of-stock': levelKey,
  'inventory.back-in-stock': levelKey,
  'order.placed': ({ orderId }) => `order:${orderId}`,
  'order.cancelled': ({ orderId }) => `order:${orderId}`,
  'order.refunded': ({ orderId }) => `order:${orderId}`,
  'order.fulfilled': ({ orderId }) => `order:${orderId}`,
};

/** The key that orders an event among others; null when it follows none. */
export function orderingKeyOf<N extends EventName>(event: N, payload: EventPayload<N>): string | null {
  const keyOf: ((payload: EventPayload<N>) => string) | undefined = orderingKeys[event];
  return keyOf?.(payload) ?? null;
}
