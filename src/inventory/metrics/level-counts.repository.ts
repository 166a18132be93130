import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { Database } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';

interface LevelCounts {
  readonly out: number;
  readonly low: number;
  readonly enough: number;
}

// An index on what is left would cost each order a write. Instead the count stops at as many levels as take some hundredths
// of a second.
const countLevels = new Statement<LevelCounts>(
  'inventory_count_levels',
  `SELECT count(*) FILTER (WHERE sellable = 0)::int AS out,
     count(*) FILTER (WHERE sellable > 0 AND sellable <= threshold)::int AS low,
     count(*) FILTER (WHERE sellable > 0 AND sellable > threshold)::int AS enough
   FROM (SELECT sellable, coalesce(low_stock_threshold, $1::int) AS threshold FROM inventory_levels LIMIT 100000) l
   WHERE sellable IS NOT NULL`,
);

const countStandbyHolds = new Statement<{ count: number; units: string }>(
  'inventory_count_standby_holds',
  `SELECT count(DISTINCT h.hold_id)::int AS count, coalesce(sum(l.quantity), 0) AS units
   FROM (SELECT hold_id FROM inventory_holds WHERE state = 'held' AND expires_at > clock_timestamp() LIMIT 10000) h
   JOIN inventory_hold_lines l USING (hold_id)`,
);

@Injectable()
export class LevelCountsRepository {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async levels(): Promise<LevelCounts | undefined> {
    const [row] = await countLevels.rows(this.database.orm, [this.config.LOW_STOCK_THRESHOLD]);
    return row;
  }

  async standbyHolds(): Promise<{ readonly count: number; readonly units: number } | undefined> {
    const [row] = await countStandbyHolds.rows(this.database.orm, []);
    return row && { count: row.count, units: Number(row.units) };
  }
}
