// The other side of standby-holds.repository.ts: which holds Redis has not heard of yet.
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import type { StockLine } from '../holds/hold-lines.js';
import type { StandbyState } from './standby-holds.repository.js';

/** A hold with what became of it while Redis was away. */
export interface WaitingHold {
  readonly holdId: string;
  readonly state: StandbyState;
  readonly detail: string;
  readonly version: number;
  /** How long it lives from now; 0 or less when it has lapsed. */
  readonly ttlMs: number;
  /** How old it is by its end. */
  readonly spanMs: number;
  readonly lines: readonly StockLine[];
}

interface WaitingRow {
  hold_id: string;
  state: StandbyState;
  detail: string;
  version: number;
  ttl_ms: string;
  span_ms: string;
  lines: StockLine[];
}

const waitingAfter = new Statement<WaitingRow>(
  'handover_waiting',
  `SELECT h.hold_id, h.state, h.detail, h.version,
     (extract(epoch FROM h.expires_at - clock_timestamp()) * 1000)::bigint AS ttl_ms,
     (extract(epoch FROM h.expires_at - h.taken_at) * 1000)::bigint AS span_ms,
     coalesce((SELECT jsonb_agg(jsonb_build_object('variantId', x.variant_id, 'quantity', x.quantity))
               FROM inventory_hold_lines x WHERE x.hold_id = h.hold_id), '[]') AS lines
   FROM inventory_holds h WHERE NOT h.handed_over AND h.hold_id > $1 ORDER BY h.hold_id LIMIT $2`,
);

// A hold changed just now is handed over once more: a process that does not know yet that holds count here may have ended it
// in Redis. Each process looks every second.
const markDone = new Statement<never>(
  'handover_done',
  `UPDATE inventory_holds h SET handed_over = true FROM unnest($1::uuid[], $2::int[]) AS d (hold_id, version)
   WHERE h.hold_id = d.hold_id AND h.version = d.version AND h.changed_at < now() - interval '2 seconds'`,
);

const closeHolds = new Statement<never>(
  'handover_close',
  `UPDATE inventory_holds h SET state = 'released', detail = 'ended in Redis', handed_over = true, changed_at = now(),
     version = h.version + 1
   FROM unnest($1::uuid[], $2::int[]) AS d (hold_id, version)
   WHERE h.hold_id = d.hold_id AND h.version = coalesce(d.version, h.version) AND h.state = 'held'`,
);

const stuck = new Statement<{ hold_id: string }>(
  'handover_stuck',
  `SELECT hold_id FROM inventory_holds WHERE NOT handed_over AND changed_at < now() - interval '10 seconds'
   ORDER BY hold_id LIMIT $1`,
);

const anyLive = new Statement<{ live: boolean }>(
  'handover_any_live',
  `SELECT EXISTS (SELECT FROM inventory_holds WHERE state = 'held' AND expires_at > now()) AS live`,
);

const purge = new Statement<{ hold_id: string }>(
  'handover_purge',
  `DELETE FROM inventory_holds WHERE hold_id IN (
     SELECT hold_id FROM inventory_holds
     WHERE handed_over AND changed_at < now() - interval '1 day' AND expires_at < now() - interval '1 day' LIMIT $1)
   RETURNING hold_id`,
);

@Injectable()
export class HoldHandoverRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Holds that Redis has not heard of, in the order of their ids. */
  async waiting(afterHoldId: string, limit: number): Promise<WaitingHold[]> {
    const rows = await waitingAfter.rows(this.database.orm, [afterHoldId, limit]);
    return rows.map(({ hold_id: holdId, ttl_ms, span_ms, ...row }) => ({
      ...row,
      holdId,
      ttlMs: Number(ttl_ms),
      spanMs: Number(span_ms),
    }));
  }

  /** Notes that Redis knows these holds in these versions, as far as they were not changed just now. */
  async markDone(holds: readonly Pick<WaitingHold, 'holdId' | 'version'>[]): Promise<void> {
    await markDone.rows(this.database.orm, [holds.map(({ holdId }) => holdId), holds.map(({ version }) => version)]);
  }

  /** Ends holds here that have ended in Redis; one given with a version only while it still has that version. */
  async close(holds: readonly { readonly holdId: string; readonly version?: number }[]): Promise<void> {
    const versions = holds.map(({ version }) => version ?? null);
    await closeHolds.rows(this.database.orm, [holds.map(({ holdId }) => holdId), versions]);
  }

  /** Holds that many rounds could not hand over: a round is done each second. */
  async stuck(limit: number): Promise<string[]> {
    const rows = await stuck.rows(this.database.orm, [limit]);
    return rows.map(({ hold_id }) => hold_id);
  }

  /** Whether any hold still counts here. */
  async anyLive(): Promise<boolean> {
    const [row] = await anyLive.rows(this.database.orm, []);
    return row?.live ?? false;
  }

  /** Deletes holds that ended long ago. @returns how many; at most `limit` */
  async purge(limit = 2_000): Promise<number> {
    return (await purge.rows(this.database.orm, [limit])).length;
  }
}
