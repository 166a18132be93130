import type { Executor } from '../database/database.js';
import { InsertRows } from '../database/insert-rows.js';
import { type EventName, type EventPayload, orderingKeyOf } from '../event-map.js';
import { outbox } from './outbox.schema.js';

/** One event, typed by its name. */
export type OutboxEvent = { [N in EventName]: { readonly event: N; readonly payload: EventPayload<N> } }[EventName];

const appended = new InsertRows(outbox, {
  name: 'outbox_append',
  defaults: ['id', 'createdAt', 'availableAt', 'attempts', 'lastError', 'dead'],
});

/**
 * Writes events in the caller's transaction: they are delivered if and only if its change is committed. Those with an
 * ordering key are delivered in the order written; the caller must hold a lock that its other writers take as well. Call
 * `OutboxRelay.nudge()` after the commit to have them delivered at once instead of at the next poll.
 */
export async function appendToOutbox(tx: Executor, events: readonly OutboxEvent[]): Promise<void> {
  await appended.insert(
    tx,
    events.map((event) => ({ ...event, orderingKey: orderingKeyOf(event.event, event.payload) })),
  );
}
