// Delivers outbox rows to their subscribers, at least once. Rows are claimed with SKIP LOCKED inside the transaction
// that deletes them, so any number of relays may run and a killed one leaves its rows to the others. Rows are deleted
// rather than followed by a cursor: identity values commit out of order, and a cursor would step over late ones.
import { sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Database, Tx } from '../database/database.js';
import { type EventName, type EventPayload, eventMap } from '../event-map.js';

type Handler = (payload: never) => Promise<void>;

interface Row extends Record<string, unknown> {
  id: string;
  event: string;
  payload: unknown;
  attempts: number;
}

const BATCH = 32;
const POLL_MS = 200;
const MAX_ATTEMPTS = 20;
const MAX_BACKOFF_MS = 60_000;

export class OutboxRelay {
  private readonly handlers = new Map<EventName, { name: string; handle: Handler }[]>();
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => {};
  private nudged = false;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  /** Registers a subscriber. It may see an event more than once and must give the same end result. */
  on<N extends EventName>(event: N, name: string, handle: (payload: EventPayload<N>) => Promise<void>): void {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), { name, handle: handle as Handler }]);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.loop = this.run();
  }

  /** Finishes the batch in hand, then stops. */
  async stop(): Promise<void> {
    this.running = false;
    this.wake();
    await this.loop;
  }

  /** Asks for a delivery now: something was committed in this process. */
  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  /** Delivers what is due now. @returns how many events were delivered. */
  async deliverDue(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const rows = await claim(tx);
      const done: string[] = [];
      for (const row of rows) {
        const failure = await this.deliver(row);
        if (failure === undefined) done.push(row.id);
        else await postpone(tx, row, failure);
      }
      if (done.length > 0) await tx.execute(sql`DELETE FROM outbox WHERE id = ANY(${sql.param(done)}::bigint[])`);
      return done.length;
    });
  }

  private async run(): Promise<void> {
    while (this.running) {
      this.nudged = false;
      const delivered = await this.deliverDue().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'the outbox could not be read; trying again');
        return 0;
      });
      if (delivered === 0 && !this.nudged && this.running) await this.pause();
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** @returns undefined when every subscriber took the event, else what went wrong. */
  private async deliver(row: Row): Promise<string | undefined> {
    const schema = eventMap[row.event as EventName];
    if (!schema) return `there is no event named ${row.event}`;
    const payload = schema.safeParse(row.payload);
    if (!payload.success) return `the payload does not fit ${row.event}`;
    for (const { name, handle } of this.handlers.get(row.event as EventName) ?? []) {
      try {
        await handle(payload.data as never);
      } catch (error) {
        this.logger.warn(
          { err: error, event: row.event, subscriber: name, attempts: row.attempts + 1 },
          'an event was not taken',
        );
        return `${name}: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    return undefined;
  }
}

async function claim(tx: Tx): Promise<Row[]> {
  const { rows } = await tx.execute<Row>(sql`
    SELECT id, event, payload, attempts FROM outbox
    WHERE NOT dead AND available_at <= now()
    ORDER BY available_at, id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`);
  return rows;
}

/** Tries again later, each time after a longer while; after the last attempt a person must look at it. */
async function postpone(tx: Tx, row: Row, failure: string): Promise<void> {
  const delayMs = Math.min(100 * 2 ** row.attempts, MAX_BACKOFF_MS) * (0.75 + Math.random() / 2);
  await tx.execute(sql`
    UPDATE outbox SET attempts = attempts + 1, last_error = ${failure.slice(0, 500)},
      dead = attempts + 1 >= ${MAX_ATTEMPTS}, available_at = now() + ${Math.round(delayMs)} * interval '1 millisecond'
    WHERE id = ${row.id}`);
}
