import type { Executor } from '../database/database.js';
import type { EventName, EventPayload } from '../event-map.js';
import { outbox } from './outbox.schema.js';

/** One event, typed by its name. */
export type OutboxEvent = { [N in EventName]: { readonly event: N; readonly payload: EventPayload<N> } }[EventName];

/**
 * Writes events in the caller's transaction: they are delivered exactly when its change is committed.
 * Call `OutboxRelay.nudge()` after the commit to have them delivered at once instead of at the next poll.
 */
export async function appendToOutbox(tx: Executor, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length > 0) await tx.insert(outbox).values([...events]);
}
