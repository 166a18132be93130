// Brings levels to what an import says. All writers of stock lock levels in the order of their keys, so that no two
// transactions wait for each other.
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import type { StockIntakeRow } from '../../platform/stock-intake.js';
import { type ChangedLevelRow, tellCrossings } from '../levels/stock-crossings.js';
import { DEFAULT_LOCATION_ID } from '../locations/locations.js';

// A row with a policy and a `tracked` flag creates a missing level; other rows only change levels that exist. Redis hears of
// a new level only if its variant has one elsewhere: then it was told that there is none here.
const createLevels = new Statement<{ variant_id: string }>(
  'inventory_create_levels',
  `WITH created AS (
     INSERT INTO inventory_levels (variant_id, location_id, sku, on_hand, reported, policy, tracked)
     SELECT variant_id, $6, sku, coalesce(on_hand, 0), on_hand, policy, tracked
     FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::bool[]) AS g (variant_id, sku, on_hand, policy, tracked)
     WHERE policy IS NOT NULL AND tracked IS NOT NULL
     ORDER BY variant_id
     ON CONFLICT DO NOTHING
     RETURNING variant_id, location_id, on_hand, version
   ), logged AS (
     INSERT INTO stock_movements (variant_id, location_id, kind, quantity, reason, level_version)
     SELECT variant_id, location_id, 'receipt', on_hand, $7, version FROM created WHERE on_hand > 0
   )
   SELECT variant_id FROM created c WHERE EXISTS (
     SELECT FROM inventory_levels l WHERE l.variant_id = c.variant_id AND l.location_id <> c.location_id)`,
);

// Updates existing levels from the rows, step by step:
//   given    the rows
//   locked   levels of their variants, and levels that have one of their SKUs: a SKU that now names another variant is taken
//            from its old level, which no row need name
//   news     the new state of each level. A quantity counts only if it differs from that of the last import (`reported`): of
//            10 imported 4 are sold; importing 10 again leaves 6, importing 12 makes it 12
//   target   whether that is a new version of the level: not when only the SKU or `reported` changes, which Redis does not
//            have. Units that come in serve owed ones first: with 2 owed, going from 0 to 12 leaves 10 on hand
//   changed, logged   the levels, and their movements in the ledger
const updateLevels = new Statement<ChangedLevelRow>(
  'inventory_update_levels',
  `WITH given AS (
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::bool[])
       AS g (variant_id, sku, on_hand, policy, tracked)
   ), locked AS MATERIALIZED (
     SELECT l.variant_id, l.location_id, l.on_hand, l.sellable, l.backordered, l.reported, l.sku, l.policy, l.tracked
     FROM inventory_levels l
     WHERE l.location_id = $6 AND (l.variant_id = ANY ($1::uuid[]) OR l.sku = ANY ($2::text[]))
     ORDER BY l.variant_id FOR UPDATE
   ), news AS MATERIALIZED (
     SELECT k.variant_id, k.location_id, g.sku, k.on_hand AS before, k.sellable AS sellable_before, k.backordered,
       coalesce(g.on_hand, k.reported) AS reported,
       coalesce(CASE WHEN g.on_hand IS DISTINCT FROM k.reported THEN g.on_hand END, k.on_hand) AS on_hand,
       coalesce(g.policy, k.policy) AS policy, coalesce(g.tracked, k.tracked) AS tracked,
       g.sku IS DISTINCT FROM k.sku OR coalesce(g.on_hand, k.reported) IS DISTINCT FROM k.reported AS note_changed,
       k.policy AS old_policy, k.tracked AS old_tracked
     FROM locked k LEFT JOIN given g ON g.variant_id = k.variant_id
   ), target AS MATERIALIZED (
     SELECT *, (on_hand, policy, tracked) IS DISTINCT FROM (before, old_policy, old_tracked) AS stock_changed,
       greatest(0, least(on_hand - before, backordered)) AS served
     FROM news
   ), changed AS (
     UPDATE inventory_levels l
     SET on_hand = t.on_hand - t.served, backordered = t.backordered - t.served, reported = t.reported, policy = t.policy,
       tracked = t.tracked, sku = t.sku, version = l.version + t.stock_changed::int, updated_at = now()
     FROM target t
     WHERE l.variant_id = t.variant_id AND l.location_id = t.location_id AND (t.stock_changed OR t.note_changed)
     RETURNING l.variant_id, l.location_id, l.version, l.sellable, l.low_stock_threshold, t.sellable_before,
       l.on_hand - t.before AS difference, t.served, t.stock_changed
   ), logged AS (
     INSERT INTO stock_movements (variant_id, location_id, kind, quantity, backordered, reason, level_version)
     SELECT variant_id, location_id, 'correction', difference, -served, $7, version FROM changed
     WHERE difference <> 0 OR served <> 0
   )
   SELECT variant_id, location_id, version, sellable, sellable_before, low_stock_threshold FROM changed WHERE stock_changed`,
);

@Injectable()
export class IntakeRepository {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** @returns the variants whose level in Redis may be older */
  async receive(tx: Tx, rows: readonly StockIntakeRow[], reason: string): Promise<string[]> {
    const values = [
      rows.map((row) => row.variantId),
      rows.map((row) => row.sku),
      rows.map((row) => row.onHand ?? null),
      rows.map((row) => row.policy ?? null),
      rows.map((row) => row.tracked ?? null),
      DEFAULT_LOCATION_ID,
      reason,
    ];
    const created = await createLevels.rows(tx, values);
    const changed = await updateLevels.rows(tx, values);
    await tellCrossings(tx, changed, this.config.LOW_STOCK_THRESHOLD);
    return [...created, ...changed].map((row) => row.variant_id);
  }
}
