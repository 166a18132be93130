import type { EventName, EventPayload } from '../../platform/event-map.js';

/** What others are told: ids only. For more they ask the API, which gives the current state. */
const dataOf = {
  'order.placed': ({ orderId }) => ({ orderId }),
  'order.cancelled': ({ orderId }) => ({ orderId }),
  'order.refunded': ({ orderId, refundId }) => ({ orderId, refundId }),
  'order.fulfilled': ({ orderId, fulfillmentId }) => ({ orderId, fulfillmentId }),
} satisfies { [N in EventName]?: (payload: EventPayload<N>) => Readonly<Record<string, unknown>> };

export type PublicEvent = keyof typeof dataOf;
export const PUBLIC_EVENTS = Object.keys(dataOf) as [PublicEvent, ...PublicEvent[]];

/** The body of a webhook as the Standard Webhooks specification suggests it: type, timestamp, data. */
export function bodyOf<N extends PublicEvent>(event: N, payload: EventPayload<N>, nowMs: number): string {
  const data = (dataOf[event] as (payload: EventPayload<N>) => unknown)(payload);
  return JSON.stringify({ type: event, timestamp: new Date(nowMs).toISOString(), data });
}
