import { and, desc, eq, inArray, lt, lte, sql } from 'drizzle-orm';
import type { Database } from '../../platform/database/database.js';
import { newId } from '../../platform/ids.js';
import type { CategoryName } from '../cache-policy.js';
import { countKeys, type WarmPlan, type WarmSource } from './warm-plan.js';
import { warmUps } from './warm-ups.schema.js';

export type WarmUpRow = typeof warmUps.$inferSelect;

/** How far a warm-up is, and the fence of its leader. */
export interface WarmPosition {
  readonly done: number;
  readonly failed: number;
  readonly fence: number;
}

const KEPT_ROWS = 200;

export class WarmUpsRepository {
  constructor(private readonly database: Database) {}

  /** Stores a new warm-up, or returns the running one of this category and source. */
  async begin(category: CategoryName, source: WarmSource, plan: WarmPlan): Promise<WarmUpRow> {
    const [begun] = await this.database.orm
      .insert(warmUps)
      .values({ id: newId(), category, source, plan, total: countKeys(plan) })
      .onConflictDoNothing()
      .returning();
    return begun ?? (await this.running(category, source)) ?? this.begin(category, source, plan);
  }

  async running(category: CategoryName, source: WarmSource): Promise<WarmUpRow | undefined> {
    const ofKind = and(eq(warmUps.category, category), eq(warmUps.source, source), eq(warmUps.state, 'running'));
    const [row] = await this.database.orm.select().from(warmUps).where(ofKind).limit(1);
    return row;
  }

  async find(id: string): Promise<WarmUpRow | undefined> {
    const [row] = await this.database.orm.select().from(warmUps).where(eq(warmUps.id, id)).limit(1);
    return row;
  }

  /** The last ones, newest first. */
  last(limit: number): Promise<WarmUpRow[]> {
    return this.database.orm.select().from(warmUps).orderBy(desc(warmUps.startedAt)).limit(limit);
  }

  /** Running ones not updated for this long: their process died or left them. */
  abandoned(silentMs: number): Promise<WarmUpRow[]> {
    const silent = lt(warmUps.updatedAt, sql`now() - ${silentMs} * interval '1 millisecond'`);
    return this.database.orm
      .select()
      .from(warmUps)
      .where(and(eq(warmUps.state, 'running'), silent))
      .limit(20);
  }

  /** Takes a running warm-up over. @returns undefined when it has ended, or a later leader has it. */
  async take(id: string, fence: number): Promise<WarmUpRow | undefined> {
    const [row] = await this.database.orm
      .update(warmUps)
      .set({ fence, updatedAt: sql`now()` })
      .where(and(eq(warmUps.id, id), eq(warmUps.state, 'running'), lte(warmUps.fence, fence)))
      .returning();
    return row;
  }

  /** @returns false when a later leader has taken it: this one must stop. */
  async advance(id: string, { done, failed, fence }: WarmPosition): Promise<boolean> {
    const rows = await this.database.orm
      .update(warmUps)
      .set({ done, failed, updatedAt: sql`now()` })
      .where(and(eq(warmUps.id, id), eq(warmUps.state, 'running'), eq(warmUps.fence, fence)))
      .returning({ id: warmUps.id });
    return rows.length > 0;
  }

  /** Ends a warm-up and forgets the oldest ones. */
  async end(id: string, fence: number, state: 'done' | 'failed', error: string | null): Promise<void> {
    await this.database.orm
      .update(warmUps)
      .set({ state, error: error?.slice(0, 500) ?? null, plan: [], finishedAt: sql`now()`, updatedAt: sql`now()` })
      .where(and(eq(warmUps.id, id), eq(warmUps.state, 'running'), eq(warmUps.fence, fence)));
    const old = this.database.orm
      .select({ id: warmUps.id })
      .from(warmUps)
      .where(sql`${warmUps.state} <> 'running'`)
      .orderBy(desc(warmUps.startedAt))
      .offset(KEPT_ROWS);
    await this.database.orm.delete(warmUps).where(inArray(warmUps.id, old));
  }
}
