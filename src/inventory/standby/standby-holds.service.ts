// Holds while Redis is away: the same calls and answers as the scripts in lua/, from PostgreSQL. What Redis holds is not
// known meanwhile and does not count (ADR 11): it is a promise, and only `allocate` sells.
import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import { fingerprintOf, type HoldLine } from '../holds/hold-lines.js';
import type { CommitResult, ExtendResult, ReleaseResult, ReserveResult, ShortLine } from '../holds/stock-outcomes.js';
import type { CountedStock } from '../levels/availability.policy.js';
import { LevelsRepository } from '../levels/levels.repository.js';
import { Locations } from '../locations/locations.service.js';
import { StandbyGate } from './standby-gate.js';
import { type StandbyHold, StandbyHoldsRepository } from './standby-holds.repository.js';

type Taken =
  | { readonly kind: 'ok'; readonly expiresAtMs: number; readonly wasLive: boolean }
  | { readonly kind: 'short'; readonly lines: readonly ShortLine[] }
  | { readonly kind: 'resolved' | 'conflict' };

/** The expiry of a hold, from the hold as it is, if it is live, and the present time. */
type Expiry = (live: StandbyHold | undefined, nowMs: number) => number;

@Injectable()
export class StandbyHolds {
  constructor(
    @Inject(StandbyGate) private readonly gate: StandbyGate,
    @Inject(StandbyHoldsRepository) private readonly repository: StandbyHoldsRepository,
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
    @Inject(Locations) private readonly locations: Locations,
  ) {}

  /** @throws AppError `unavailable` when the gate lets no more holds through now */
  async reserve(holdId: string, lines: readonly HoldLine[], ttlMs: number): Promise<ReserveResult> {
    const taken = await this.take(holdId, lines, (live, nowMs) => live?.expiresAtMs ?? nowMs + ttlMs);
    return taken.kind === 'ok' ? { kind: 'reserved', expiresAtMs: taken.expiresAtMs, held: [] } : taken;
  }

  /** @throws AppError `unavailable` when the gate lets no more holds through now */
  async extend(
    holdId: string,
    lines: readonly HoldLine[],
    { ttlMs, maxTotalMs }: { readonly ttlMs: number; readonly maxTotalMs: number },
  ): Promise<ExtendResult> {
    const taken = await this.take(holdId, lines, (live, nowMs) =>
      live
        ? Math.max(live.expiresAtMs, Math.min(nowMs + ttlMs, live.takenAtMs + maxTotalMs))
        : nowMs + Math.min(ttlMs, maxTotalMs),
    );
    switch (taken.kind) {
      case 'ok':
        return { kind: taken.wasLive ? 'extended' : 'reacquired', expiresAtMs: taken.expiresAtMs };
      case 'short':
        return { kind: 'expired', lines: taken.lines };
      case 'conflict':
        throw new Error(`Hold ${holdId} was to be extended with other lines than it has.`);
      case 'resolved':
        return { kind: 'resolved' };
    }
  }

  /** Not limited: it makes room, and a hold that cannot be given back would keep others from buying. */
  async release(holdId: string, lines: readonly HoldLine[], reason: string): Promise<ReleaseResult> {
    const ending = { state: 'released', fingerprint: fingerprintOf(lines), detail: reason, lines } as const;
    const before = await this.repository.end(holdId, ending);
    if (before === undefined) return { kind: 'released' };
    return { kind: before === 'committed' ? 'committed' : 'already' };
  }

  /** The hold has become an order. */
  async commit(holdId: string, orderId: string): Promise<CommitResult> {
    const ending = { state: 'committed', fingerprint: '', detail: orderId, lines: [] } as const;
    const before = await this.repository.end(holdId, ending);
    if (before === undefined) return { kind: 'committed' };
    return { kind: before === 'committed' ? 'already' : 'no_hold' };
  }

  /** Levels with what is held of them here, from the first active location on. */
  async counted(variantIds: readonly string[]): Promise<ReadonlyMap<string, readonly CountedStock[]>> {
    const [{ levels }, held] = await Promise.all([
      this.levels.ofVariants(variantIds),
      this.repository.held(variantIds),
    ]);
    const left = new Map(held);
    const ranked = this.locations.ranked().map(({ id }) => id);
    const active = levels
      .filter(({ locationId }) => ranked.includes(locationId))
      .sort((a, b) => ranked.indexOf(a.locationId) - ranked.indexOf(b.locationId));
    const counted = active.map((level) => {
      const rest = left.get(level.variantId) ?? 0;
      const here = Math.min(rest, level.holdLimit ?? rest);
      left.set(level.variantId, rest - here);
      return { ...level, held: here };
    });
    return Map.groupBy(counted, (level) => level.variantId);
  }

  private take(holdId: string, lines: readonly HoldLine[], expiry: Expiry): Promise<Taken> {
    const variantIds = lines.map((line) => line.variantId);
    return this.gate.run(() =>
      this.repository.whileLocked(variantIds, (tx) => this.takeLocked(tx, holdId, lines, expiry)),
    );
  }

  private async takeLocked(tx: Tx, holdId: string, lines: readonly HoldLine[], expiry: Expiry): Promise<Taken> {
    const { hold, nowMs } = await this.repository.find(tx, holdId);
    const fingerprint = fingerprintOf(lines);
    if (hold && hold.state !== 'held') return { kind: 'resolved' };
    if (hold && hold.fingerprint !== fingerprint) return { kind: 'conflict' };
    const live = hold && hold.expiresAtMs > nowMs ? hold : undefined;
    const expiresAtMs = expiry(live, nowMs);
    if (live && expiresAtMs === live.expiresAtMs) return { kind: 'ok', expiresAtMs, wasLive: true };
    if (!live) {
      const short = await this.shortLines(tx, holdId, lines);
      if (short.length > 0) return { kind: 'short', lines: short };
    }
    const takenAtMs = live?.takenAtMs ?? nowMs;
    const written = await this.repository.write(tx, holdId, { fingerprint, takenAtMs, expiresAtMs, lines });
    return written ? { kind: 'ok', expiresAtMs, wasLive: live !== undefined } : { kind: 'resolved' };
  }

  private async shortLines(tx: Tx, holdId: string, lines: readonly HoldLine[]): Promise<ShortLine[]> {
    const rooms = await this.repository.room(
      tx,
      lines.map((line) => line.variantId),
      holdId,
    );
    const roomOf = new Map(rooms.map((room) => [room.variantId, room]));
    return lines.flatMap(({ variantId, quantity }) => {
      const { limit, held } = roomOf.get(variantId) ?? { limit: 0, held: 0 };
      if (limit === null || held + quantity <= limit) return [];
      return [{ variantId, requested: quantity, available: Math.max(0, limit - held) }];
    });
  }
}
