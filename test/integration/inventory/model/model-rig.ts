// Real stores for the model to be compared with: two processes, one Redis, one PostgreSQL, and time that stands still
// unless it is moved. Scripts take the later of Redis TIME and a level's clock, so a clock far ahead is the time.
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { StockLevel } from '../../../../src/inventory/index.js';
import { DEFAULT_LOCATION_ID } from '../../../../src/inventory/locations/locations.js';
import { DEFAULT_PARTITION, keyspace } from '../../../../src/platform/keyspace.js';
import type { StockProcess } from '../stock-process.js';
import type { Line } from './shadow-lines.js';
import { type ShadowLevel, ShadowStock, UNTRACKED, VARIANTS } from './shadow-stock.js';

export const HOLDS = 10;
const START_MS = 4_000_000_000_000;
const keys = keyspace.operational;

export class ModelRig {
  readonly variantIds = Array.from({ length: VARIANTS }, () => randomUUID()).sort();
  readonly holdIds: string[] = Array.from({ length: HOLDS }, () => randomUUID());
  /** Levels as `allocate` answered them, by order. */
  readonly answered = new Map<string, readonly StockLevel[]>();
  /** What PostgreSQL was last seen to have. */
  private checked = '';
  private dumps: { key: string; dump: Buffer }[] = [];

  constructor(readonly processes: readonly [StockProcess, StockProcess]) {}

  /** Empties the stores and fills them with what a new model has. */
  async start(onHand: readonly number[]): Promise<ShadowStock> {
    const [first] = this.processes;
    await first.database.pool.query('TRUNCATE inventory_levels, stock_movements, outbox');
    await this.redis.flushall();
    for (const process of this.processes) process.forget();
    const rows = onHand.map((units, variant) => this.intakeRow(variant, { onHand: units, policy: 'deny' }));
    await first.database.transaction((tx) => first.intake.receive(tx, rows, 'start'));
    for (const process of this.processes) await process.epoch.verify();
    await this.setTime(START_MS);
    return new ShadowStock(START_MS, await first.epoch.verify(), onHand);
  }

  process(index: number): StockProcess {
    return this.processes[index as 0 | 1];
  }

  linesOf(lines: readonly Line[]) {
    return lines.map(({ variant, quantity }) => ({ variantId: this.variantIds[variant]!, quantity }));
  }

  /** An answer with variants named as the model names them. */
  named<T extends object>(answer: T): unknown {
    return JSON.parse(JSON.stringify(answer), (_key, value) =>
      value && typeof value === 'object' && 'variantId' in value
        ? { ...value, variant: this.variantIds.indexOf(value.variantId), variantId: undefined }
        : value,
    );
  }

  intakeRow(variant: number, { onHand, policy }: Partial<ShadowLevel>) {
    return {
      variantId: this.variantIds[variant]!,
      sku: null,
      onHand,
      policy: policy ?? ('deny' as const),
      tracked: variant !== UNTRACKED,
    };
  }

  async setTime(nowMs: number): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (let variant = 0; variant < VARIANTS; variant++) pipeline.hset(this.levelKey(variant), 'c', nowMs);
    await pipeline.exec();
  }

  async flush(nowMs: number): Promise<void> {
    await this.redis.flushall();
    await this.setTime(nowMs);
  }

  /** What an append-only file had at this moment. */
  async save(): Promise<void> {
    const names = await this.redis.keys('*');
    this.dumps = await Promise.all(names.map(async (key) => ({ key, dump: (await this.redis.dumpBuffer(key))! })));
  }

  /** Redis restarted on an old append-only file: older state, another run id, broken connections. */
  async restore(nowMs: number): Promise<void> {
    await this.redis.flushall();
    for (const { key, dump } of this.dumps) await this.redis.restore(key, 0, dump);
    await this.redis.hset(keys.inventoryEpoch(DEFAULT_PARTITION, 1), 'run', 'gone');
    await this.setTime(nowMs);
    for (const process of this.processes) process.forget();
  }

  /**
   * Both stores say what the model says, and the invariants of the contract hold in what they say. PostgreSQL is read when
   * the model expects something new of it: it forgets nothing, so what went wrong before is still there then.
   */
  async check(shadow: ShadowStock): Promise<void> {
    const expected = JSON.stringify([...shadow.levels, shadow.epoch]);
    const isNew = expected !== this.checked;
    this.checked = expected;
    const pipeline = this.redis.pipeline().mget(this.holdIds.map((id) => keys.hold(DEFAULT_PARTITION, id)));
    for (let variant = 0; variant < VARIANTS; variant++) {
      pipeline.hgetall(this.levelKey(variant)).zrange(this.expiriesKey(variant), '0', '-1', 'WITHSCORES');
    }
    const [replies] = await Promise.all([pipeline.exec(), isNew && this.checkPostgres(shadow)]);
    const [records, ...found] = (replies ?? []).map(([, reply]) => reply);
    this.checkHolds(shadow, records as (string | null)[]);
    for (let variant = 0; variant < VARIANTS; variant++) {
      this.checkLevel(
        shadow,
        variant,
        found[2 * variant] as Record<string, string>,
        found[2 * variant + 1] as string[],
      );
    }
  }

  async checkAll(shadow: ShadowStock): Promise<void> {
    this.checked = '';
    await this.check(shadow);
  }

  private async checkPostgres(shadow: ShadowStock): Promise<void> {
    const { rows } = await this.processes[0].database.pool.query(
      `SELECT l.variant_id AS "variantId", l.on_hand AS "onHand", l.backordered, l.version::int, l.policy,
         (SELECT coalesce(sum(quantity), 0)::int FROM stock_movements m WHERE m.variant_id = l.variant_id) AS ledger,
         (SELECT epoch::int FROM inventory_epochs) AS epoch
       FROM inventory_levels l ORDER BY l.variant_id`,
    );
    expect(rows).toEqual(
      [...shadow.levels].map(([variant, level]) => ({
        variantId: this.variantIds[variant],
        ...level,
        ledger: level.onHand, // invariant 8
        epoch: shadow.epoch,
      })),
    );
  }

  private checkHolds(shadow: ShadowStock, records: (string | null)[]): void {
    const states = records.map((record) => record?.split('|')[0]);
    // Invariants 4 and 5: the model resolves a hold once, and takes all lines or none.
    expect(states).toEqual(this.holdIds.map((_, hold) => shadow.redis.holds.get(hold)?.state));
  }

  private checkLevel(shadow: ShadowStock, variant: number, fields: Record<string, string>, flat: string[]): void {
    const holds = flat.flatMap((member, i) => {
      const [id = '', quantity] = member.split(':');
      return i % 2 === 0 ? [{ id, quantity: Number(quantity), expiresAt: Number(flat[i + 1]) }] : [];
    });
    // Invariant 1; a hold and its quantity are one member, so neither is without the other.
    expect(new Set(holds.map(({ id }) => id)).size).toBe(holds.length);
    expect(Number(fields.h ?? 0)).toBe(holds.reduce((sum, { quantity }) => sum + quantity, 0));
    for (const { expiresAt } of holds) expect(Number(fields.x)).toBeLessThanOrEqual(expiresAt);
    // Invariants 2, 3 and 7: the model never holds too much, never goes back, and knows which level is behind.
    const level = shadow.redis.levels.get(variant);
    expect({ epoch: fields.e, version: fields.v, onHand: fields.n, policy: fields.p }).toEqual(
      level
        ? {
            epoch: String(level.epoch),
            version: String(level.version),
            onHand: String(level.onHand),
            policy: variant === UNTRACKED ? 'u' : level.policy[0],
          }
        : {},
    );
    const live = holds
      .filter(({ expiresAt }) => expiresAt > shadow.now)
      .map(({ id, ...hold }) => ({ hold: this.holdIds.indexOf(id), ...hold }));
    expect(live.sort((a, b) => a.hold - b.hold)).toEqual(shadow.liveHolds(variant).sort((a, b) => a.hold - b.hold));
  }

  private get redis() {
    const client = this.processes[0].redis;
    if (client.isCluster) throw new Error('the rig wants one server');
    return client as Extract<typeof client, { dumpBuffer: unknown }>;
  }

  private expiriesKey(variant: number): string {
    return keys.holdExpiries(DEFAULT_PARTITION, this.variantIds[variant]!, DEFAULT_LOCATION_ID);
  }

  private levelKey(variant: number): string {
    return keys.level(DEFAULT_PARTITION, this.variantIds[variant]!, DEFAULT_LOCATION_ID);
  }
}
