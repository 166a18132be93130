import { Inject, Injectable } from '@nestjs/common';
import type { CountedStock } from '../levels/availability.policy.js';
import { LevelMirror, type Unstocked } from '../levels/level-mirror.service.js';
import { LevelsRepository } from '../levels/levels.repository.js';
import type { LevelSnapshot, StockLevel } from '../levels/stock-level.js';
import type { HoldLine, StockLine } from './hold-lines.js';
import { type PromisedHold, StockGate } from './stock-gate.store.js';
import type { CommitResult, ExtendResult, ReleaseResult, ReserveResult, ShortLine } from './stock-outcomes.js';

/** Holds in Redis, with the levels they need loaded first. Each throws AppError `unavailable` when Redis is away. */
@Injectable()
export class RedisHolds {
  constructor(
    @Inject(StockGate) private readonly gate: StockGate,
    @Inject(LevelMirror) private readonly mirror: LevelMirror,
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
  ) {}

  async reserve(holdId: string, lines: readonly HoldLine[], ttlMs: number): Promise<ReserveResult> {
    const reply = await this.whenWarm(holdId, lines, (epoch) => this.gate.reserve(holdId, lines, ttlMs, epoch));
    switch (reply.kind) {
      case 'ok':
        return { kind: 'reserved', expiresAtMs: reply.expiresAtMs, held: reply.held };
      case 'short':
        return { kind: 'short', lines: shortLines(lines, reply.lines) };
      case 'unstocked':
        return { kind: 'short', lines: unstockedLines(lines, reply.lines) };
      default:
        return reply;
    }
  }

  async extend(
    holdId: string,
    lines: readonly HoldLine[],
    options: { readonly ttlMs: number; readonly maxTotalMs: number },
  ): Promise<ExtendResult> {
    const reply = await this.whenWarm(holdId, lines, (epoch) => this.gate.extend(holdId, lines, options, epoch));
    switch (reply.kind) {
      case 'ok':
        return { kind: 'extended', expiresAtMs: reply.expiresAtMs };
      case 'expired':
        return { kind: 'expired', lines: shortLines(lines, reply.lines) };
      case 'unstocked':
        return { kind: 'expired', lines: unstockedLines(lines, reply.lines) };
      case 'conflict':
        throw new Error(`Hold ${holdId} was to be extended with other lines than it has.`);
      default:
        return reply;
    }
  }

  release(holdId: string, lines: readonly HoldLine[], reason: string): Promise<ReleaseResult> {
    return this.gate.release(holdId, lines, reason);
  }

  counted(variantIds: readonly string[]): Promise<ReadonlyMap<string, readonly CountedStock[]>> {
    return this.mirror.read(variantIds);
  }

  /** @returns `gone` when the hold has ended before, or there is nothing to hold any more: nothing is restored then */
  async restore(hold: PromisedHold): Promise<'restored' | 'gone'> {
    const reply = await this.mirror.whenWarm(variantsOf(hold.lines), (epoch) => this.gate.restore(hold, epoch));
    return reply.kind === 'ok' ? 'restored' : 'gone';
  }

  commit(
    holdId: string,
    orderId: string,
    lines: readonly HoldLine[],
    levels: readonly StockLevel[],
  ): Promise<CommitResult> {
    let known: readonly StockLevel[] | undefined = levels;
    return this.commitWhenCurrent(holdId, orderId, lines, async (epoch) => {
      const given = known;
      known = undefined;
      // A second round means that the epoch has changed: what was read before is void.
      if (given?.every((level) => level.epoch === epoch)) return { epoch, levels: given };
      return this.levels.ofVariants(levels.map((level) => level.variantId));
    });
  }

  commitOrder(orderId: string, holdId: string): Promise<CommitResult> {
    return this.commitWhenCurrent(holdId, orderId, [], () => this.levels.ofOrder(orderId));
  }

  /** Runs a script that takes all lines, with their levels loaded; nothing stays held beside a line that has none. */
  private async whenWarm<R extends { readonly kind: string }>(
    holdId: string,
    lines: readonly HoldLine[],
    run: (epoch: number) => Promise<R>,
  ) {
    for (;;) {
      const reply = await this.mirror.whenWarm(variantsOf(lines), run);
      if (!isUnstocked(reply) || (await this.gate.giveUp(holdId, lines, reply.lines[0] ?? 0))) return reply;
    }
  }

  private commitWhenCurrent(
    holdId: string,
    orderId: string,
    lines: readonly HoldLine[],
    read: (epoch: number) => Promise<LevelSnapshot>,
  ): Promise<CommitResult> {
    return this.mirror.whenCurrent(async (epoch) => this.gate.commit(holdId, orderId, lines, await read(epoch)));
  }
}

const isUnstocked = (reply: { readonly kind: string }): reply is Unstocked => reply.kind === 'unstocked';

const variantsOf = (lines: readonly StockLine[]) => lines.map((line) => line.variantId);

function shortLines(
  lines: readonly HoldLine[],
  left: readonly { readonly line: number; readonly available: number }[],
): ShortLine[] {
  return left.flatMap(({ line, available }) => {
    const wanted = lines[line];
    return wanted ? { variantId: wanted.variantId, requested: wanted.quantity, available } : [];
  });
}

const unstockedLines = (lines: readonly HoldLine[], missing: readonly number[]) =>
  shortLines(
    lines,
    missing.map((line) => ({ line, available: 0 })),
  );
