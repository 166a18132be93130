// Taking a hold, from the whole cart to the script. Each step repeats for one reason, a limited number of times:
//   Holds            in Redis, or in PostgreSQL when Redis is away
//   inOneEpoch       all parts; again when Redis began anew in between and lost the first of them (5 rounds)
//   tryInTurn        one part after another, one for each partition of the cart; all again when another request for the same
//                    hold has got the part that this one was refused (5 rounds)
//   untilLoaded      one part; again after missing levels were loaded (5 rounds)
//   untilSameEpoch   again when Redis was at another epoch (5 rounds)
//   StockPartition   one script; `extend` and `restore` once more when the hold has stock at other places
//   ReserveCalls     `reserve` for all holds that are asked for in one turn of the event loop
// They pass on the same answers, in the words of stock-outcomes.ts; `cold` and `stale_epoch` go no further than the step
// that repeats for them. While a cart is half taken others find less than there is, never more.
import { Inject, Injectable } from '@nestjs/common';
import type { CountedStock } from '../levels/availability.policy.js';
import { LevelMirror } from '../levels/level-mirror.service.js';
import { LevelsRepository } from '../levels/levels.repository.js';
import type { LevelSnapshot, StockLevel } from '../levels/stock-level.js';
import type { HoldLine, StockLine } from './hold-lines.js';
import type { HoldPart } from './hold-part.js';
import { StockGate } from './stock-gate.store.js';
import type { CommitResult, ExtendResult, ReleaseResult, ReserveResult, ShortLine } from './stock-outcomes.js';
import { type PartOfHold, tryInTurn } from './try-in-turn.js';

/** A hold that somebody was promised, whether Redis knows of it or not. */
interface PromisedHold {
  readonly holdId: string;
  /** Each variant once. */
  readonly lines: readonly StockLine[];
  /** How long it lives from now. */
  readonly ttlMs: number;
  /** How old it will be by then. */
  readonly spanMs: number;
}

/** Holds in Redis, with the levels they need loaded first. Each throws AppError `unavailable` when Redis is away. */
@Injectable()
export class RedisHolds {
  constructor(
    @Inject(StockGate) private readonly gate: StockGate,
    @Inject(LevelMirror) private readonly mirror: LevelMirror,
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
  ) {}

  async reserve(holdId: string, lines: readonly HoldLine[], ttlMs: number): Promise<ReserveResult> {
    const parts = await this.inTurn(holdId, lines, async (part) => {
      const reply = await this.mirror.untilLoaded((epoch) => part.partition.reserve(part, ttlMs, epoch));
      return reply.kind === 'unstocked' ? { kind: 'short' as const, lines: noneLeft(part, reply.variantIds) } : reply;
    });
    if ('kind' in parts) return parts;
    return { kind: 'reserved', expiresAtMs: firstExpiry(parts), held: parts.flatMap(({ held }) => held) };
  }

  async extend(
    holdId: string,
    lines: readonly HoldLine[],
    options: { readonly ttlMs: number; readonly maxTotalMs: number },
  ): Promise<ExtendResult> {
    const parts = await this.inTurn(holdId, lines, async (part) => {
      const reply = await this.mirror.untilLoaded((epoch) => part.partition.extend(part, options, epoch));
      return reply.kind === 'unstocked' ? { kind: 'expired' as const, lines: noneLeft(part, reply.variantIds) } : reply;
    });
    if ('kind' in parts) {
      if (parts.kind !== 'conflict') return parts;
      throw new Error(`Hold ${holdId} was to be extended with other lines than it has.`);
    }
    const wasLost = parts.some(({ kind }) => kind === 'reacquired');
    return { kind: wasLost ? 'reacquired' : 'extended', expiresAtMs: firstExpiry(parts) };
  }

  release(holdId: string, lines: readonly HoldLine[], reason: string): Promise<ReleaseResult> {
    return this.gate.release(holdId, lines, reason);
  }

  counted(variantIds: readonly string[]): Promise<ReadonlyMap<string, readonly CountedStock[]>> {
    return this.mirror.read(variantIds);
  }

  /** @returns `gone` when the hold has ended before, or there is nothing to hold any more: nothing is restored then */
  async restore({ holdId, lines, ...times }: PromisedHold): Promise<'restored' | 'gone'> {
    const parts = await this.inTurn(holdId, lines, (part) =>
      this.mirror.untilLoaded((epoch) => part.partition.restore(part, times, epoch)),
    );
    return 'kind' in parts ? 'gone' : 'restored';
  }

  commit(
    holdId: string,
    orderId: string,
    lines: readonly HoldLine[],
    levels: readonly StockLevel[],
  ): Promise<CommitResult> {
    let known: readonly StockLevel[] | undefined = levels;
    return this.commitAtOneEpoch(holdId, orderId, lines, async (epoch) => {
      const given = known;
      known = undefined;
      // A second round means that the epoch has changed: what was read before is void.
      if (given?.every((level) => level.epoch === epoch)) return { epoch, levels: given };
      return this.levels.ofVariants(levels.map((level) => level.variantId));
    });
  }

  commitOrder(orderId: string, holdId: string): Promise<CommitResult> {
    return this.commitAtOneEpoch(holdId, orderId, [], () => this.levels.ofOrder(orderId));
  }

  private inTurn<R extends { readonly kind: string }>(
    holdId: string,
    lines: readonly StockLine[],
    attempt: (part: PartOfHold) => Promise<R>,
  ) {
    const parts = this.gate.partsOf(holdId, lines);
    const work = () => tryInTurn(parts, attempt, (reason) => this.gate.release(holdId, lines, reason));
    return parts.length === 1 ? work() : this.mirror.inOneEpoch(work, (result) => 'kind' in result);
  }

  private commitAtOneEpoch(
    holdId: string,
    orderId: string,
    lines: readonly HoldLine[],
    read: (epoch: number) => Promise<LevelSnapshot>,
  ): Promise<CommitResult> {
    return this.mirror.untilSameEpoch(async (epoch) => this.gate.commit(holdId, orderId, lines, await read(epoch)));
  }
}

const firstExpiry = (parts: readonly { readonly expiresAtMs: number }[]) =>
  Math.min(...parts.map(({ expiresAtMs }) => expiresAtMs));

const noneLeft = ({ lines }: HoldPart, variantIds: readonly string[]): ShortLine[] =>
  lines
    .filter(({ variantId }) => variantIds.includes(variantId))
    .map(({ variantId, quantity }) => ({ variantId, requested: quantity, available: 0 }));
