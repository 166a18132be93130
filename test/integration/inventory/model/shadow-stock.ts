// What the stores must say, worked out from the contract alone: a plain model of PostgreSQL's levels, of what Redis mirrors
// and holds, and of what two processes know. Every answer of the real thing is compared with the model's.

import { type Line, sameLines, together } from './shadow-lines.js';

export const VARIANTS = 5;
/** Nobody ever reported stock of the last one, and nobody counts the one before. */
export const UNTRACKED = 3;
export const UNSTOCKED = 4;

export interface ShadowLevel {
  onHand: number;
  /** Units owed. */
  backordered: number;
  version: number;
  policy: 'deny' | 'backorder';
}

export interface ShadowHold {
  state: 'held' | 'released' | 'committed';
  lines: readonly Line[];
  expiresAt: number;
  takenAt: number;
}

interface Short {
  readonly variant: number;
  readonly requested: number;
  readonly available: number;
}

interface ShadowRedis {
  epoch: number;
  sameServer: boolean;
  levels: Map<number, ShadowLevel & { epoch: number }>;
  holds: Map<number, ShadowHold>;
}

export interface Ticket {
  readonly orderId: string;
  readonly hold: number;
  readonly lines: readonly Line[];
  readonly epoch: number;
  readonly levels: ReadonlyMap<number, ShadowLevel>;
}

export class ShadowStock {
  epoch: number;
  readonly levels = new Map<number, ShadowLevel>();
  redis: ShadowRedis;
  saved: ShadowRedis | undefined;
  readonly known: (number | undefined)[];
  readonly tickets: Ticket[] = [];
  /** What the last import said of each variant. */
  private readonly reported = new Map<number, number>();
  /** Variants whose change Redis was not told yet. */
  readonly news: number[] = [];

  constructor(
    public now: number,
    epoch: number,
    onHand: readonly number[],
  ) {
    this.epoch = epoch;
    this.redis = { epoch, sameServer: true, levels: new Map(), holds: new Map() };
    this.known = [epoch, epoch];
    onHand.forEach((units, variant) => {
      this.levels.set(variant, { onHand: units, backordered: 0, version: 1, policy: 'deny' });
      this.reported.set(variant, units);
    });
  }

  reserve(process: number, hold: number, wanted: readonly Line[], ttl: number) {
    this.knownTo(process);
    const lines = together(wanted);
    const existing = this.redis.holds.get(hold);
    if (existing && existing.state !== 'held') return { kind: 'resolved' };
    if (existing && !sameLines(existing.lines, lines)) return { kind: 'conflict' };
    if (existing && existing.expiresAt > this.now) return { kind: 'reserved', expiresAtMs: existing.expiresAt };
    const short = this.take(process, hold, lines, ttl);
    return short ? { kind: 'short', lines: short } : { kind: 'reserved', expiresAtMs: this.now + ttl };
  }

  extend(process: number, hold: number, wanted: readonly Line[], ttl: number, maxTotal: number) {
    this.knownTo(process);
    const existing = this.redis.holds.get(hold);
    if (existing && existing.state !== 'held') return { kind: 'resolved' };
    if (existing && existing.expiresAt > this.now) {
      existing.expiresAt = Math.max(existing.expiresAt, Math.min(this.now + ttl, existing.takenAt + maxTotal));
      return { kind: 'extended', expiresAtMs: existing.expiresAt };
    }
    const span = Math.min(ttl, maxTotal);
    const short = this.take(process, hold, together(wanted), span);
    return short ? { kind: 'expired', lines: short } : { kind: 'reacquired', expiresAtMs: this.now + span };
  }

  release(hold: number, wanted: readonly Line[]) {
    const existing = this.redis.holds.get(hold);
    if (existing?.state === 'released') return { kind: 'already' };
    if (existing?.state === 'committed') return { kind: 'committed' };
    this.resolve(hold, 'released', existing?.lines ?? together(wanted));
    return { kind: 'released' };
  }

  /** @returns the lines that are short, or undefined when the order took its stock */
  allocate(orderId: string, hold: number, wanted: readonly Line[], commit: boolean): Short[] | undefined {
    const lines = together(wanted);
    const short = lines.flatMap(({ variant, quantity }) => {
      const level = this.levels.get(variant);
      if (level && (variant === UNTRACKED || level.policy === 'backorder' || level.onHand >= quantity)) return [];
      return { variant, requested: quantity, available: level?.onHand ?? 0 };
    });
    if (short.length > 0) return short;
    if (!commit) return undefined;
    const levels = new Map<number, ShadowLevel>();
    for (const { variant, quantity } of lines) {
      const level = this.levels.get(variant);
      if (!level || variant === UNTRACKED) continue;
      const taken = Math.min(level.onHand, quantity);
      level.onHand -= taken;
      level.backordered += quantity - taken;
      level.version += 1;
      levels.set(variant, { ...level });
    }
    this.tickets.push({ orderId, hold, lines, epoch: this.epoch, levels });
    return undefined;
  }

  /** @param given the levels that `allocate` answered are handed over; otherwise they are read by the order's id */
  commit(process: number, ticket: Ticket, given: boolean) {
    let levels = given ? ticket.levels : undefined;
    let levelsEpoch = ticket.epoch;
    for (;;) {
      const known = this.knownTo(process);
      if (!levels || (levels.size > 0 && levelsEpoch !== known)) {
        levels = new Map([...ticket.levels.keys()].map((variant) => [variant, this.level(variant)]));
        levelsEpoch = this.epoch;
      } else if (levels.size === 0) {
        levelsEpoch = given ? known : this.epoch;
      }
      if (this.redis.epoch === levelsEpoch) break;
      this.verify(process, this.redis.epoch);
      levels = undefined;
    }
    for (const [variant, level] of levels) this.apply(variant, level, levelsEpoch);
    const existing = this.redis.holds.get(ticket.hold);
    if (existing?.state === 'committed') return { kind: 'already' };
    if (existing?.state === 'released') return { kind: 'no_hold' };
    this.resolve(ticket.hold, 'committed', existing?.lines ?? []);
    return { kind: existing ? 'committed' : 'no_hold' };
  }

  change(variant: number, to: Partial<ShadowLevel>): boolean {
    const level = this.level(variant);
    const { policy = level.policy } = to;
    // What the import before has said already is no news: it must not put back what was sold since.
    const isNews = to.onHand !== undefined && to.onHand !== this.reported.get(variant);
    const onHand = isNews ? (to.onHand ?? 0) : level.onHand;
    if (to.onHand !== undefined) this.reported.set(variant, to.onHand);
    if (onHand === level.onHand && policy === level.policy) return false;
    // What came in serves what is owed first.
    const served = Math.max(0, Math.min(onHand - level.onHand, level.backordered));
    const backordered = level.backordered - served;
    Object.assign(level, { onHand: onHand - served, backordered, policy, version: level.version + 1 });
    return true;
  }

  refresh(process: number, variants: readonly number[]): void {
    this.knownTo(process);
    const levels = variants.map((variant) => [variant, this.levels.get(variant)] as const);
    // Redis is not asked anything when there is nothing to tell it.
    if (levels.every(([, level]) => !level)) return;
    while (this.redis.epoch !== this.epoch) this.verify(process, this.redis.epoch);
    for (const [variant, level] of levels) if (level) this.apply(variant, level, this.epoch);
  }

  /** @returns how many levels differ */
  reconcile(process: number): number {
    const epoch = this.verify(process);
    const behind = [...this.redis.levels].filter(
      ([variant, level]) => level.epoch === epoch && level.version < this.level(variant).version,
    );
    this.refresh(
      process,
      behind.map(([variant]) => variant),
    );
    return behind.length;
  }

  /** What can be bought of each variant; null for one that nobody counts. */
  available(process: number): (number | null)[] {
    const all = Array.from({ length: VARIANTS }, (_, variant) => variant);
    this.warm(process, all);
    return all.map((variant) => {
      if (variant === UNTRACKED) return null;
      return Math.max(0, (this.redis.levels.get(variant)?.onHand ?? 0) - this.held(variant));
    });
  }

  held(variant: number): number {
    return this.liveHolds(variant).reduce((sum, { quantity }) => sum + quantity, 0);
  }

  liveHolds(variant: number): { hold: number; quantity: number; expiresAt: number }[] {
    return [...this.redis.holds].flatMap(([hold, { state, expiresAt, lines }]) => {
      if (state !== 'held' || expiresAt <= this.now || variant === UNTRACKED) return [];
      return lines.filter((line) => line.variant === variant).map(({ quantity }) => ({ hold, quantity, expiresAt }));
    });
  }

  /** FLUSHALL: nobody is told. */
  lose(): void {
    this.redis = { epoch: 0, sameServer: false, levels: new Map(), holds: new Map() };
  }

  /** Redis comes back with what it had when it was saved; connections were broken. */
  rollBack(saved: ShadowRedis): void {
    this.redis = { ...structuredClone(saved), sameServer: false };
    this.known.fill(undefined);
  }

  private take(process: number, hold: number, lines: readonly Line[], span: number): Short[] | undefined {
    const unstocked = this.warm(
      process,
      lines.map(({ variant }) => variant),
    );
    const short = lines.flatMap(({ variant, quantity }) => {
      if (unstocked.length > 0) {
        return unstocked.includes(variant) ? { variant, requested: quantity, available: 0 } : [];
      }
      const level = this.redis.levels.get(variant);
      if (!level || variant === UNTRACKED || level.policy === 'backorder') return [];
      const left = level.onHand - this.held(variant);
      return left < quantity ? { variant, requested: quantity, available: Math.max(0, left) } : [];
    });
    if (short.length > 0) return short;
    this.redis.holds.set(hold, { state: 'held', lines, takenAt: this.now, expiresAt: this.now + span });
    return undefined;
  }

  /** Loads what Redis lacks. @returns variants that PostgreSQL does not have either */
  private warm(process: number, variants: readonly number[]): number[] {
    for (;;) {
      const epoch = this.knownTo(process);
      const epochs = variants.map((variant) => this.redis.levels.get(variant)?.epoch ?? 0);
      const newest = Math.max(...epochs);
      if (newest > epoch) {
        this.verify(process, newest);
        continue;
      }
      const cold = variants.filter((_, i) => epochs[i] !== epoch);
      if (cold.length === 0) return [];
      this.refresh(process, cold);
      const unstocked = cold.filter((variant) => !this.levels.has(variant));
      if (unstocked.length > 0) return unstocked;
    }
  }

  private knownTo(process: number): number {
    return this.known[process] ?? this.verify(process);
  }

  private verify(process: number, atLeast = 0): number {
    const { redis } = this;
    if (!redis.sameServer || redis.epoch !== this.epoch || this.epoch < atLeast) {
      this.epoch = Math.max(this.epoch, redis.epoch, atLeast) + 1;
      redis.epoch = this.epoch;
      redis.sameServer = true;
    }
    this.known[process] = this.epoch;
    return this.epoch;
  }

  private level(variant: number): ShadowLevel {
    const level = this.levels.get(variant);
    if (!level) throw new Error(`variant ${variant} has no level`);
    return level;
  }

  private apply(variant: number, level: ShadowLevel, epoch: number): void {
    const current = this.redis.levels.get(variant);
    if (current && (current.epoch > epoch || (current.epoch === epoch && current.version >= level.version))) return;
    this.redis.levels.set(variant, { ...level, epoch });
  }

  private resolve(hold: number, state: 'released' | 'committed', lines: readonly Line[]): void {
    this.redis.holds.set(hold, { state, lines, takenAt: this.now, expiresAt: this.now });
  }
}
