import type { Logger } from 'pino';
import { type EventName, type EventPayload, eventMap } from '../event-map.js';
import type { ClaimedEvent } from './outbox.repository.js';

/** Handles events of one name. @returns for each what went wrong; an empty list when all were handled */
type Handle = (payloads: readonly unknown[], eventIds: readonly string[]) => Promise<readonly unknown[]>;

interface Subscriber {
  readonly name: string;
  readonly handle: Handle;
}

/** The subscribers of each event. */
export class Subscribers {
  private readonly byEvent = new Map<EventName, Subscriber[]>();

  constructor(private readonly logger: Logger) {}

  /** Each event alone, those of one delivery at the same time. */
  each<N extends EventName>(event: N, name: string, handle: (payload: EventPayload<N>) => Promise<void>): void {
    this.add(event, name, (payloads) =>
      Promise.all(
        payloads.map((payload) =>
          handle(payload as EventPayload<N>).then(
            () => undefined,
            (error: unknown) => error ?? new Error(name),
          ),
        ),
      ),
    );
  }

  /** All events of one delivery together: they fail together. */
  together<N extends EventName>(
    event: N,
    name: string,
    handle: (payloads: readonly EventPayload<N>[], eventIds: readonly string[]) => Promise<void>,
  ): void {
    this.add(event, name, async (payloads, eventIds) => {
      try {
        await handle(payloads as readonly EventPayload<N>[], eventIds);
        return [];
      } catch (error) {
        return payloads.map(() => error);
      }
    });
  }

  /**
   * Hands events of one name to every subscriber, one subscriber after another, even if one before failed.
   * @returns for each event what went wrong; an empty list when it was taken by all
   */
  async hand(name: string, events: readonly ClaimedEvent[]): Promise<string[][]> {
    const codec = eventMap[name as EventName];
    const parsed = events.map(({ payload }) => codec?.safeParse(payload));
    const failures: string[][] = parsed.map((result) =>
      result?.success ? [] : [`the payload does not fit an event named ${name}`],
    );
    const fitting = events.flatMap(({ id }, index) => {
      const result = parsed[index];
      return result?.success ? [{ id, index, payload: result.data }] : [];
    });
    if (fitting.length === 0) return failures;
    for (const subscriber of this.byEvent.get(name as EventName) ?? []) {
      const errors = await subscriber.handle(
        fitting.map(({ payload }) => payload),
        fitting.map(({ id }) => id),
      );
      fitting.forEach(({ index }, i) => {
        const error = errors[i];
        if (error === undefined) return;
        this.logger.warn({ err: error, event: name, subscriber: subscriber.name }, 'an event was not taken');
        failures[index]?.push(`${subscriber.name}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
    return failures;
  }

  private add(event: EventName, name: string, handle: Handle): void {
    this.byEvent.set(event, [...(this.byEvent.get(event) ?? []), { name, handle }]);
  }
}
