import { desc, eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../../platform/database/database.js';
import { hotKeys } from './hot-keys.schema.js';
import type { WantedKey } from './popularity.scripts.js';

const KEPT_DAYS = 8;

/** The most wanted keys by category and hour. */
export class HotKeysRepository {
  constructor(private readonly database: Database) {}

  /** Keeps what is wanted in this hour; the last record of an hour stays. */
  async record(category: string, wanted: readonly WantedKey[]): Promise<void> {
    const sum = wanted.reduce((total, { weight }) => total + weight, 0);
    const row = { keys: wanted.map(({ key }) => key), weights: wanted.map(({ weight }) => weight / sum) };
    await this.database.orm
      .insert(hotKeys)
      .values({ category, hour: sql`date_trunc('hour', now())`, ...row })
      .onConflictDoUpdate({ target: [hotKeys.category, hotKeys.hour], set: { ...row, recordedAt: sql`now()` } });
  }

  /** What was wanted when it was last recorded. */
  async latest(category: string, limit: number): Promise<string[]> {
    const [row] = await this.database.orm
      .select({ keys: hotKeys.keys })
      .from(hotKeys)
      .where(eq(hotKeys.category, category))
      .orderBy(desc(hotKeys.hour))
      .limit(1);
    return row?.keys.slice(0, limit) ?? [];
  }

  /** What was wanted at this hour of the day on the days before it; each day counts 0.7 times the one after it. */
  async wantedAt(category: string, at: Date, limit: number): Promise<string[]> {
    const { rows } = await this.database.orm.execute<{ key: string }>(sql`
      WITH day AS (SELECT date_trunc('hour', ${at.toISOString()}::timestamptz) AS hour)
      SELECT wanted.key, sum(wanted.weight * power(0.7, extract(epoch FROM day.hour - h.hour) / 86400)) AS score
      FROM day, cache_hot_keys h, unnest(h.keys, h.weights) AS wanted (key, weight)
      WHERE h.category = ${category}
        AND h.hour IN (SELECT day.hour - days * interval '24 hours' FROM generate_series(1, ${KEPT_DAYS - 1}::int) AS days)
      GROUP BY wanted.key ORDER BY score DESC, wanted.key LIMIT ${limit}`);
    return rows.map(({ key }) => key);
  }

  async deleteOld(): Promise<void> {
    await this.database.orm.delete(hotKeys).where(lt(hotKeys.hour, sql`now() - ${KEPT_DAYS} * interval '1 day'`));
  }
}
