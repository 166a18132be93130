// Changes the rules by which a level is sold.
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import type { Place } from '../holds/level-in-redis.js';
import { type ChangedLevelRow, tellCrossings } from '../levels/stock-crossings.js';
import type { StockPolicy } from '../levels/stock-level.js';

/** What is undefined stays as it is. */
export interface LevelSettings {
  readonly policy?: StockPolicy | undefined;
  readonly tracked?: boolean | undefined;
  readonly safetyStock?: number | undefined;
  /** Null: no limit. */
  readonly backorderLimit?: number | null | undefined;
  /** Null: the shop's own threshold. */
  readonly lowStockThreshold?: number | null | undefined;
}

export type SettingsResult =
  | { readonly kind: 'set'; readonly version: number; readonly changed: boolean }
  | { readonly kind: 'other_version'; readonly version: number };

interface SetRow extends ChangedLevelRow {
  other_version: boolean;
  changed: boolean;
}

// The limit and the threshold may be set to null, so a flag says whether they are given.
const setLevel = new Statement<SetRow>(
  'inventory_set_level',
  `WITH locked AS MATERIALIZED (
     SELECT *, coalesce(version <> $10::bigint, false) AS other_version
     FROM inventory_levels WHERE variant_id = $1 AND location_id = $2 FOR UPDATE
   ), target AS MATERIALIZED (
     SELECT variant_id, location_id, version, sellable, other_version,
       (policy, tracked, safety_stock, backorder_limit, low_stock_threshold) AS before,
       coalesce($3, policy) AS policy, coalesce($4, tracked) AS tracked, coalesce($5, safety_stock) AS safety_stock,
       CASE WHEN $6 THEN $7::int ELSE backorder_limit END AS backorder_limit,
       CASE WHEN $8 THEN $9::int ELSE low_stock_threshold END AS low_stock_threshold
     FROM locked
   ), changed AS (
     UPDATE inventory_levels l
     SET policy = t.policy, tracked = t.tracked, safety_stock = t.safety_stock, backorder_limit = t.backorder_limit,
       low_stock_threshold = t.low_stock_threshold, version = l.version + 1, updated_at = now()
     FROM target t
     WHERE l.variant_id = t.variant_id AND l.location_id = t.location_id AND NOT t.other_version
       AND (t.policy, t.tracked, t.safety_stock, t.backorder_limit, t.low_stock_threshold) IS DISTINCT FROM t.before
     RETURNING l.version, l.sellable
   )
   SELECT t.variant_id, t.location_id, coalesce(c.version, t.version) AS version, t.sellable AS sellable_before,
     CASE WHEN c.version IS NULL THEN t.sellable ELSE c.sellable END AS sellable, t.low_stock_threshold,
     t.other_version, c.version IS NOT NULL AS changed
   FROM target t LEFT JOIN changed c ON true`,
);

@Injectable()
export class LevelSettingsRepository {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** @returns undefined when there is no such level */
  async set(
    tx: Tx,
    place: Place,
    settings: LevelSettings,
    expectedVersion?: number,
  ): Promise<SettingsResult | undefined> {
    const { policy, tracked, safetyStock, backorderLimit, lowStockThreshold } = settings;
    const [row] = await setLevel.rows(tx, [
      place.variantId,
      place.locationId,
      policy ?? null,
      tracked ?? null,
      safetyStock ?? null,
      backorderLimit !== undefined,
      backorderLimit ?? null,
      lowStockThreshold !== undefined,
      lowStockThreshold ?? null,
      expectedVersion ?? null,
    ]);
    if (!row) return undefined;
    const version = Number(row.version);
    if (row.other_version) return { kind: 'other_version', version };
    await tellCrossings(tx, [row], this.config.LOW_STOCK_THRESHOLD);
    return { kind: 'set', version, changed: row.changed };
  }
}
