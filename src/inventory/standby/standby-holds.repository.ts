// Holds in PostgreSQL, for the time that Redis is away. Whoever takes one locks the levels in the order of their keys, as
// all writers of stock do, so two that want the same stock come one after the other and each sees what the other holds.
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import type { StockLine } from '../holds/hold-lines.js';

export type StandbyState = 'held' | 'released' | 'committed';

/** A hold as PostgreSQL has it; times in ms since the epoch, by the clock of PostgreSQL. */
export interface StandbyHold {
  readonly state: StandbyState;
  readonly fingerprint: string;
  readonly takenAtMs: number;
  readonly expiresAtMs: number;
}

/** How much of a variant may be held, and how much other holds have of it. Limit null: no limit. */
export interface Room {
  readonly variantId: string;
  readonly limit: number | null;
  readonly held: number;
}

const lockLevels = new Statement<never>(
  'standby_lock_levels',
  `SELECT FROM inventory_levels l WHERE l.variant_id = ANY ($1::uuid[])
   ORDER BY l.variant_id, l.location_id FOR UPDATE OF l`,
);

// After the lock, in a statement of its own: one that had to wait would still see what was held before.
const readRoom = new Statement<{ variant_id: string; hold_limit: string | null; held: string }>(
  'standby_room',
  `SELECT l.variant_id, CASE WHEN bool_or(l.hold_limit IS NULL) THEN NULL ELSE sum(l.hold_limit) END AS hold_limit,
     coalesce((SELECT sum(x.quantity) FROM inventory_hold_lines x JOIN inventory_holds h USING (hold_id)
               WHERE x.variant_id = l.variant_id AND h.hold_id <> $2 AND h.state = 'held'
                 AND h.expires_at > clock_timestamp()), 0) AS held
   FROM inventory_levels l JOIN locations c ON c.id = l.location_id AND c.active
   WHERE l.variant_id = ANY ($1::uuid[]) GROUP BY l.variant_id`,
);

const readHold = new Statement<{
  state: StandbyState;
  fingerprint: string;
  taken: string;
  expires: string;
  now: string;
}>(
  'standby_hold',
  `SELECT h.state, h.fingerprint, ${ms('h.taken_at')} AS taken, ${ms('h.expires_at')} AS expires,
     ${ms('clock_timestamp()')} AS now
   FROM (VALUES (1)) one LEFT JOIN inventory_holds h ON h.hold_id = $1`,
);

// A hold that was ended in between stays ended.
const writeHeld = new Statement<{ hold_id: string }>(
  'standby_hold_write',
  `WITH held AS (
     INSERT INTO inventory_holds AS h (hold_id, state, fingerprint, taken_at, expires_at)
     VALUES ($1, 'held', $2, to_timestamp($3::float8 / 1000), to_timestamp($4::float8 / 1000))
     ON CONFLICT (hold_id) DO UPDATE SET taken_at = excluded.taken_at, expires_at = excluded.expires_at,
       version = h.version + 1, handed_over = false, changed_at = now()
     WHERE h.state = 'held' AND h.fingerprint = excluded.fingerprint
     RETURNING hold_id
   ), lines AS (
     ${insertLinesOf('held')}
   )
   SELECT hold_id FROM held`,
);

const endHold = new Statement<{ hold_id: string }>(
  'standby_hold_end',
  `WITH ended AS (
     INSERT INTO inventory_holds AS h (hold_id, state, fingerprint, taken_at, expires_at, detail)
     VALUES ($1, $2, $3, now(), now(), $4)
     ON CONFLICT (hold_id) DO UPDATE SET state = excluded.state, detail = excluded.detail,
       version = h.version + 1, handed_over = false, changed_at = now()
     WHERE h.state = 'held'
     RETURNING hold_id
   ), lines AS (
     ${insertLinesOf('ended')}
   )
   SELECT hold_id FROM ended`,
);

const heldOf = new Statement<{ variant_id: string; held: string }>(
  'standby_held',
  `SELECT x.variant_id, sum(x.quantity) AS held FROM inventory_hold_lines x JOIN inventory_holds h USING (hold_id)
   WHERE x.variant_id = ANY ($1::uuid[]) AND h.state = 'held' AND h.expires_at > clock_timestamp() GROUP BY 1`,
);

function insertLinesOf(written: string): string {
  return `INSERT INTO inventory_hold_lines (hold_id, variant_id, quantity)
     SELECT h.hold_id, w.variant_id, w.quantity FROM ${written} h, unnest($5::uuid[], $6::int[]) AS w (variant_id, quantity)
     ON CONFLICT DO NOTHING`;
}

function ms(time: string): string {
  return `(extract(epoch FROM ${time}) * 1000)::bigint`;
}

@Injectable()
export class StandbyHoldsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @param work runs while nobody else can hold or sell stock of these variants */
  whileLocked<T>(variantIds: readonly string[], work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await lockLevels.rows(tx, [variantIds]);
      return work(tx);
    });
  }

  /** The room for this hold beside all others; a variant whose stock was never reported is left out. */
  async room(tx: Tx, variantIds: readonly string[], holdId: string): Promise<Room[]> {
    const rows = await readRoom.rows(tx, [variantIds, holdId]);
    return rows.map(({ variant_id: variantId, hold_limit, held }) => ({
      variantId,
      limit: hold_limit === null ? null : Number(hold_limit),
      held: Number(held),
    }));
  }

  async find(tx: Tx, holdId: string): Promise<{ readonly hold: StandbyHold | undefined; readonly nowMs: number }> {
    const [row] = await readHold.rows(tx, [holdId]);
    const hold = row?.state && {
      state: row.state,
      fingerprint: row.fingerprint,
      takenAtMs: Number(row.taken),
      expiresAtMs: Number(row.expires),
    };
    return { hold: hold || undefined, nowMs: Number(row?.now) };
  }

  /** @returns false when the hold has been ended meanwhile */
  async write(
    tx: Tx,
    holdId: string,
    hold: Omit<StandbyHold, 'state'> & { readonly lines: readonly StockLine[] },
  ): Promise<boolean> {
    const { fingerprint, takenAtMs, expiresAtMs, lines } = hold;
    const rows = await writeHeld.rows(tx, [holdId, fingerprint, takenAtMs, expiresAtMs, ...columnsOf(lines)]);
    return rows.length > 0;
  }

  /** Ends a hold, or notes ahead that it has ended. @returns how it had ended before, undefined when it had not */
  async end(
    holdId: string,
    ending: {
      readonly state: Exclude<StandbyState, 'held'>;
      readonly fingerprint: string;
      readonly detail: string;
      readonly lines: readonly StockLine[];
    },
  ): Promise<StandbyState | undefined> {
    const { state, fingerprint, detail, lines } = ending;
    const ended = await endHold.rows(this.database.orm, [holdId, state, fingerprint, detail, ...columnsOf(lines)]);
    if (ended.length > 0) return undefined;
    const [row] = await readHold.rows(this.database.orm, [holdId]);
    return row?.state;
  }

  /** Units held here, by variant. */
  async held(variantIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await heldOf.rows(this.database.orm, [variantIds]);
    return new Map(rows.map(({ variant_id: variantId, held }) => [variantId, Number(held)]));
  }
}

const columnsOf = (lines: readonly StockLine[]) => [
  lines.map((line) => line.variantId),
  lines.map((line) => line.quantity),
];
