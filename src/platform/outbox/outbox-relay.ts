// Delivers outbox rows to their subscribers, at least once. A row is claimed for a while by moving the time at which it
// is due: no transaction stays open while a subscriber talks to a payment provider, any number of relays may run, and a
// killed one leaves its rows to the others. Rows are deleted rather than followed by a cursor: identity values commit
// out of order, and a cursor would step over late ones.
import type { Logger } from 'pino';
import { ClaimLoop } from '../claim-loop.js';
import { type EventName, type EventPayload, eventMap } from '../event-map.js';
import type { ClaimedEvent, OutboxRepository } from './outbox.repository.js';
import { Subscribers } from './subscribers.js';

const ALL_EVENTS = Object.keys(eventMap) as EventName[];
/** Events whose subscribers talk to payment providers. One that hangs must not keep caches and levels old. */
const SLOW_EVENTS: readonly EventName[] = ['order.placed', 'payment.ended'];
const LANES = [SLOW_EVENTS, ALL_EVENTS.filter((name) => !SLOW_EVENTS.includes(name))];

const MAX_BACKOFF_MS = 60_000;

export class OutboxRelay {
  private readonly subscribers: Subscribers;
  private readonly lanes: { readonly names: readonly EventName[]; readonly loop: ClaimLoop<ClaimedEvent> }[];

  constructor(
    private readonly repository: OutboxRepository,
    logger: Logger,
    /** Longer than a subscriber may take; after it another relay delivers the event as well. */
    private readonly claimMs: number,
  ) {
    this.subscribers = new Subscribers(logger);
    this.lanes = LANES.map((names) => {
      const claim = () => this.repository.claim(names, this.claimMs);
      return { names, loop: new ClaimLoop('outbox', claim, (events) => this.deliver(events), logger) };
    });
  }

  /** Registers a subscriber. It may see an event more than once and must end in the same state. */
  on<N extends EventName>(event: N, name: string, handle: (payload: EventPayload<N>) => Promise<void>): void {
    this.subscribers.each(event, name, handle);
  }

  /**
   * Like `on`, for all events that are due at once, up to 64. When it throws, each is delivered again, alone: one that
   * cannot be handled does not hold back the others.
   */
  onBatch<N extends EventName>(
    event: N,
    name: string,
    handle: (payloads: readonly EventPayload<N>[], eventIds: readonly string[]) => Promise<void>,
  ): void {
    this.subscribers.together(event, name, handle);
  }

  start(): void {
    for (const { loop } of this.lanes) loop.start();
  }

  /** Finishes what is in hand, then stops. */
  async stop(): Promise<void> {
    await Promise.all(this.lanes.map(({ loop }) => loop.stop()));
  }

  /** Asks for a delivery now: something was committed in this process. @param event the only one, when it is known */
  nudge(event?: EventName): void {
    for (const { names, loop } of this.lanes) if (event === undefined || names.includes(event)) loop.nudge();
  }

  /** Delivers what is due now, of all events or of some. @returns how many were claimed */
  async deliverDue(names: readonly EventName[] = ALL_EVENTS): Promise<number> {
    const events = await this.repository.claim(names, this.claimMs);
    await this.deliver(events);
    return events.length;
  }

  private async deliver(events: readonly ClaimedEvent[]): Promise<void> {
    await Promise.all(deliveries(events).map((together) => this.deliverTogether(together)));
  }

  private async deliverTogether(events: readonly ClaimedEvent[]): Promise<void> {
    const failures = await this.subscribers.hand(events[0]?.event ?? '', events);
    const taken = events.filter((_, i) => failures[i]?.length === 0);
    if (taken.length > 0) await this.repository.remove(taken.map(({ id }) => id));
    for (const [i, { id, attempts }] of events.entries()) {
      const failure = failures[i]?.join('; ');
      if (failure) await this.repository.postpone(id, backoffMs(attempts), failure);
    }
  }
}

/** Events of one name go together; one that failed before goes alone. */
function deliveries(events: readonly ClaimedEvent[]): (readonly ClaimedEvent[])[] {
  const first = events.filter(({ attempts }) => attempts === 1);
  const again = events.filter(({ attempts }) => attempts > 1);
  return [...Map.groupBy(first, ({ event }) => event).values(), ...again.map((event) => [event])];
}

function backoffMs(attempts: number): number {
  return Math.min(100 * 2 ** attempts, MAX_BACKOFF_MS) * (0.75 + Math.random() / 2);
}
