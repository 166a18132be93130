// The one statement that sells stock: for any number of orders, all of their lines or none.
import { Statement } from '../../platform/database/statement.js';
import { DEFAULT_PARTITION } from '../../platform/keyspace.js';
import type { ChangedLevelRow } from '../levels/stock-crossings.js';
import type { StockPolicy } from '../levels/stock-level.js';

/** A line that is short, or a level that has changed. */
export type AllocatedRow =
  | { location_id: null; variant_id: string; requested: number; available: number }
  | AllocatedLevelRow;

export interface AllocatedLevelRow extends ChangedLevelRow {
  readonly on_hand: number;
  readonly policy: StockPolicy;
  readonly hold_limit: number | null;
  readonly epoch: string;
}

/** More than all orders of a batch ask for; the sums of it are bigints. */
const UNLIMITED = 2_147_483_647;

// For each variant the demands of the orders are laid end to end, in the order in which the orders were given, and so are
// the supplies: by rank what lies there above the safety stock, then by rank what may be owed. An order takes from a level
// where its stretch of the demand and the level's stretch of the supply overlap. Two orders want 3 and 4 of a variant, of
// which 2 lie at A and 4 at B, and A may owe 5:
//
//   units     0     1     2     3     4     5     6     7     8     9    10    11
//   demand    |---- order 1 ----|------- order 2 -------|
//   supply    |----- A ---|---------- B ----------|-------- A, owed ------------|
//   taken     |--- 2 A ---|-1 B-|----- 3 B -------|-1 A-|
//
// Each row of `demand` and `supply` has where its stretch ends (`upto`) and how long it is (`quantity`, `units`), so an
// overlap is the lesser of both ends minus the greater of both beginnings. Order 2 would be short if the supply ended
// before 7; what is available to it then begins where order 1 ends. An untracked level supplies everything and is not
// changed.
//
// A lock that had to wait sees the row as it is then, so `locked` has the true quantities. The update sets what follows from
// them and never computes from its own row: PostgreSQL first tries it on the row as it was when the statement began, and
// checks constraints there. Each order is one movement of a level, and one version of it.
export const allocateOrders = new Statement<AllocatedRow>(
  'inventory_allocate',
  `WITH demand AS MATERIALIZED (
     SELECT *, sum(quantity) OVER (PARTITION BY variant_id ORDER BY place) AS upto
     FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::int[]) AS w (place, order_id, variant_id, quantity)
   ), locked AS MATERIALIZED (
     SELECT l.*, o.rank FROM inventory_levels l JOIN locations o ON o.id = l.location_id AND o.active
     WHERE l.variant_id = ANY ($3::uuid[]) ORDER BY l.variant_id, l.location_id FOR UPDATE OF l
   ), supply AS MATERIALIZED (
     SELECT *, sum(units) OVER (PARTITION BY variant_id ORDER BY owed, rank, location_id) AS upto
     FROM (
       SELECT variant_id, location_id, rank, tracked, false AS owed,
         CASE WHEN tracked THEN on_hand - safety_stock ELSE ${UNLIMITED} END AS units
       FROM locked
       UNION ALL
       SELECT variant_id, location_id, rank, tracked, true, coalesce(backorder_limit - backordered, ${UNLIMITED})
       FROM locked WHERE tracked AND policy = 'backorder'
     ) s WHERE units > 0
   ), short AS MATERIALIZED (
     SELECT d.variant_id, d.quantity AS requested, greatest(0, coalesce(s.units, 0) - d.upto + d.quantity) AS available
     FROM demand d LEFT JOIN (SELECT variant_id, sum(units) AS units FROM supply GROUP BY variant_id) s USING (variant_id)
     WHERE s.units IS NULL OR s.units < d.upto
   ), taken AS MATERIALIZED (
     SELECT d.order_id, s.variant_id, s.location_id,
       row_number() OVER (PARTITION BY s.variant_id, s.location_id ORDER BY d.place) AS nth,
       row_number() OVER (PARTITION BY s.variant_id, d.place ORDER BY s.location_id) AS part,
       coalesce(sum(o.units) FILTER (WHERE NOT s.owed), 0)::int AS taken,
       coalesce(sum(o.units) FILTER (WHERE s.owed), 0)::int AS owed
     FROM demand d JOIN supply s ON s.variant_id = d.variant_id AND s.tracked
     CROSS JOIN LATERAL (
       SELECT least(d.upto, s.upto) - greatest(d.upto - d.quantity, s.upto - s.units) AS units
     ) o
     WHERE o.units > 0 AND NOT EXISTS (SELECT FROM short)
     GROUP BY d.place, d.order_id, s.variant_id, s.location_id
   ), changed AS (
     UPDATE inventory_levels l SET on_hand = k.on_hand - t.taken, backordered = k.backordered + t.owed,
       version = k.version + t.movements, updated_at = now()
     FROM locked k JOIN (
       SELECT variant_id, location_id, sum(taken) AS taken, sum(owed) AS owed, count(*) AS movements
       FROM taken GROUP BY variant_id, location_id
     ) t USING (variant_id, location_id)
     WHERE l.variant_id = k.variant_id AND l.location_id = k.location_id
     RETURNING l.variant_id, l.location_id, l.on_hand, l.version, l.policy, l.hold_limit, l.sellable, l.low_stock_threshold
   ), logged AS (
     INSERT INTO stock_movements
       (variant_id, location_id, kind, quantity, backordered, order_id, part, level_version)
     SELECT t.variant_id, t.location_id, 'allocation', -t.taken, t.owed, t.order_id, t.part, k.version + t.nth
     FROM taken t JOIN locked k USING (variant_id, location_id)
   )
   SELECT NULL::uuid AS location_id, variant_id, requested, least(available, ${UNLIMITED})::int AS available,
     NULL::int AS on_hand, NULL::bigint AS version, NULL AS policy, NULL::int AS hold_limit, NULL::int AS sellable_before,
     NULL::int AS sellable, NULL::int AS low_stock_threshold, NULL::bigint AS epoch
   FROM short
   UNION ALL
   SELECT c.location_id, c.variant_id, NULL, NULL, c.on_hand, c.version, c.policy, c.hold_limit, k.sellable,
     c.sellable, c.low_stock_threshold, e.epoch
   FROM changed c JOIN locked k USING (variant_id, location_id)
   CROSS JOIN (SELECT epoch FROM inventory_epochs WHERE partition = '${DEFAULT_PARTITION}') e`,
);
