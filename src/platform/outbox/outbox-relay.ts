// Delivers outbox rows to their subscribers, at least once. A row is claimed for a while by moving the time at which it
// is due: no transaction stays open while a subscriber talks to a payment provider, any number of relays may run, and a
// killed one leaves its rows to the others. Rows are deleted rather than followed by a cursor: identity values commit
// out of order, and a cursor would step over late ones.
import type { Logger } from 'pino';
import type { EventName, EventPayload } from '../event-map.js';
import { eventMap } from '../event-map.js';
import type { ClaimedEvent, OutboxRepository } from './outbox.repository.js';
import { RelayLane } from './relay-lane.js';

type Handler = (payload: never) => Promise<void>;

interface Subscriber {
  readonly name: string;
  readonly handle: Handler;
}

const ALL_EVENTS = Object.keys(eventMap) as EventName[];
/** Whose subscribers talk to payment providers. One that hangs must not keep caches and levels old. */
const SLOW_EVENTS: readonly EventName[] = ['order.placed', 'payment.ended'];
const LANES = [SLOW_EVENTS, ALL_EVENTS.filter((name) => !SLOW_EVENTS.includes(name))];

const BATCH = 16;
const POLL_MS = 200;
/** Longer than a subscriber may take; after it another relay delivers the event as well. */
const CLAIM_MS = 120_000;
const MAX_BACKOFF_MS = 60_000;

export class OutboxRelay {
  private readonly subscribers = new Map<EventName, Subscriber[]>();
  private readonly lanes: RelayLane[];

  constructor(
    private readonly repository: OutboxRepository,
    private readonly logger: Logger,
  ) {
    this.lanes = LANES.map((names) => new RelayLane(() => this.deliverDue(names), POLL_MS, logger));
  }

  /** Registers a subscriber. It may see an event more than once and must end in the same state. */
  on<N extends EventName>(event: N, name: string, handle: (payload: EventPayload<N>) => Promise<void>): void {
    this.subscribers.set(event, [...(this.subscribers.get(event) ?? []), { name, handle: handle as Handler }]);
  }

  start(): void {
    for (const lane of this.lanes) lane.start();
  }

  /** Finishes what is in hand, then stops. */
  async stop(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.stop()));
  }

  /** Asks for a delivery now: something was committed in this process. */
  nudge(): void {
    for (const lane of this.lanes) lane.nudge();
  }

  /** Delivers what is due now, of all events or of some. @returns how many were claimed */
  async deliverDue(names: readonly EventName[] = ALL_EVENTS): Promise<number> {
    const events = await this.repository.claim(names, BATCH, CLAIM_MS);
    await Promise.all(events.map((event) => this.deliver(event)));
    return events.length;
  }

  private async deliver(event: ClaimedEvent): Promise<void> {
    const failures = await this.handToSubscribers(event);
    if (failures.length === 0) return this.repository.remove(event.id);
    const delayMs = Math.min(100 * 2 ** event.attempts, MAX_BACKOFF_MS) * (0.75 + Math.random() / 2);
    await this.repository.postpone(event.id, delayMs, failures.join('; '));
  }

  /** Every subscriber gets the event, whatever another one makes of it. @returns what went wrong */
  private async handToSubscribers({ event, payload, attempts }: ClaimedEvent): Promise<string[]> {
    const name = event as EventName;
    const parsed = eventMap[name]?.safeParse(payload);
    if (!parsed?.success) return [`the payload does not fit an event named ${event}`];
    const failures: string[] = [];
    for (const subscriber of this.subscribers.get(name) ?? []) {
      try {
        await subscriber.handle(parsed.data as never);
      } catch (error) {
        this.logger.warn({ err: error, event, subscriber: subscriber.name, attempts }, 'an event was not taken');
        failures.push(`${subscriber.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failures;
  }
}
