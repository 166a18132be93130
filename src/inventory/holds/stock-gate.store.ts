// The Redis side of stock. A cart whose variants all lie in one partition, as they do unless a shop asks for more of them,
// is one script. Over several partitions each is tried in turn under the same hold id, and what could not be held whole is
// given back: meanwhile others may find less than there is, never more.
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { inventoryPartition, inventoryPartitions } from '../../platform/keyspace.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import type { LevelSnapshot } from '../levels/stock-level.js';
import { Locations } from '../locations/locations.service.js';
import { fingerprintOf, type HoldLine, type StockLine } from './hold-lines.js';
import { INVENTORY_SCRIPTS, type InventoryScripts } from './inventory.scripts.js';
import type { Place } from './level-in-redis.js';
import { type Part, StockPartition } from './stock-partition.store.js';

/** A hold that somebody was promised, whether Redis knows of it or not. */
export interface PromisedHold {
  readonly holdId: string;
  /** Each variant once. */
  readonly lines: readonly StockLine[];
  /** How long it lives from now. */
  readonly ttlMs: number;
  /** How old it will be by then. */
  readonly spanMs: number;
}

interface PartOfHold extends Part {
  readonly partition: StockPartition;
  /** The number of each of its lines among all lines of the hold. */
  readonly numbers: readonly number[];
}

@Injectable()
export class StockGate {
  private readonly count: number;
  private readonly partitions: ReadonlyMap<string, StockPartition>;

  constructor(
    @Inject(RedisLayers) layers: RedisLayers,
    @Inject(INVENTORY_SCRIPTS) scripts: InventoryScripts,
    @Inject(Locations) private readonly locations: Locations,
    @Inject(CONFIG) { INVENTORY_PARTITIONS }: Pick<Config, 'INVENTORY_PARTITIONS'>,
  ) {
    this.count = INVENTORY_PARTITIONS;
    this.partitions = new Map(
      inventoryPartitions(this.count).map((name) => [name, new StockPartition(name, layers, scripts)]),
    );
  }

  /** `lua/reserve.lua` @param lines each variant once */
  async reserve(holdId: string, lines: readonly StockLine[], ttlMs: number, epoch: number) {
    const held: HoldLine[] = [];
    let expiresAtMs = Number.POSITIVE_INFINITY;
    for (const part of this.partsOf(holdId, lines)) {
      const reply = await part.partition.reserve(part, ttlMs, epoch);
      if (reply.kind !== 'ok') return this.giveUp(reply, part, lines);
      held.push(...reply.held);
      expiresAtMs = Math.min(expiresAtMs, reply.expiresAtMs);
    }
    return { kind: 'ok' as const, expiresAtMs, held };
  }

  /** `lua/extend.lua` @param lines each variant once */
  async extend(
    holdId: string,
    lines: readonly StockLine[],
    options: { readonly ttlMs: number; readonly maxTotalMs: number },
    epoch: number,
  ) {
    let reacquired = false;
    let expiresAtMs = Number.POSITIVE_INFINITY;
    for (const part of this.partsOf(holdId, lines)) {
      const reply = await part.partition.extend(part, options, epoch);
      if (reply.kind !== 'ok' && reply.kind !== 'reacquired') return this.giveUp(reply, part, lines);
      reacquired ||= reply.kind === 'reacquired';
      expiresAtMs = Math.min(expiresAtMs, reply.expiresAtMs);
    }
    return reacquired ? { kind: 'reacquired' as const, expiresAtMs } : { kind: 'ok' as const, expiresAtMs };
  }

  /** `lua/restore.lua` */
  async restore({ holdId, lines, ...times }: PromisedHold, epoch: number) {
    let expiresAtMs = Number.POSITIVE_INFINITY;
    for (const part of this.partsOf(holdId, lines)) {
      const reply = await part.partition.restore(part, times, epoch);
      if (reply.kind !== 'ok') return renumbered(reply, part);
      expiresAtMs = Math.min(expiresAtMs, reply.expiresAtMs);
    }
    return { kind: 'ok' as const, expiresAtMs };
  }

  /** `lua/release.lua`. What the hold has in other lines than these is given back as well. */
  async release(holdId: string, lines: readonly StockLine[], reason: string) {
    const kinds = new Set<'released' | 'already' | 'committed'>();
    for (const part of this.everyPart(holdId, lines)) {
      kinds.add((await part.partition.release(part, reason)).kind);
    }
    return { kind: (['committed', 'released', 'already'] as const).find((kind) => kinds.has(kind)) ?? 'released' };
  }

  /** `lua/commit.lua`. `lines` may be empty: what the hold's records say is used. */
  async commit(holdId: string, orderId: string, lines: readonly StockLine[], after: LevelSnapshot) {
    const kinds = new Set<'committed' | 'already' | 'no_hold'>();
    for (const part of this.everyPart(holdId, lines)) {
      const levels = after.levels.filter(({ variantId }) => this.partitionOf(variantId) === part.partition);
      const reply = await part.partition.commit(part, orderId, { epoch: after.epoch, levels });
      if (reply.kind === 'stale_epoch') return reply;
      kinds.add(reply.kind);
    }
    return { kind: (['committed', 'already', 'no_hold'] as const).find((kind) => kinds.has(kind)) ?? 'no_hold' };
  }

  /** `lua/reconcile.lua` */
  async reconcile({ epoch, levels }: LevelSnapshot) {
    for (const [partition, here] of Map.groupBy(levels, ({ variantId }) => this.partitionOf(variantId))) {
      const reply = await partition.reconcile({ epoch, levels: here });
      if (reply.kind === 'stale_epoch') return reply;
    }
    return { kind: 'ok' as const };
  }

  /** `lua/read-levels.lua`: one answer for each place, in their order. */
  async readLevels(places: readonly Place[]) {
    const numbered = places.map((place, number) => ({ ...place, number }));
    const parts = [...Map.groupBy(numbered, ({ variantId }) => this.partitionOf(variantId))];
    const answers = await Promise.all(
      parts.map(async ([partition, here]) => {
        const levels = await partition.readLevels(here);
        return levels.map((level, i) => ({ level, number: here[i]?.number ?? 0 }));
      }),
    );
    return answers
      .flat()
      .sort((a, b) => a.number - b.number)
      .map(({ level }) => level);
  }

  /** `lua/epoch.lua`. Partitions that disagree are not on the server they were set on. @param newEpoch 0 only reads */
  async epoch(newEpoch = 0) {
    const found = await Promise.all([...this.partitions.values()].map((partition) => partition.epoch(newEpoch)));
    const epoch = Math.max(...found.map((partition) => partition.epoch));
    return { epoch, sameServer: found.every((partition) => partition.sameServer && partition.epoch === epoch) };
  }

  /** The holds of a level that end first, and how many there are. */
  holdsOf(place: Place, limit: number) {
    return this.partitionOf(place.variantId).holdsOf(place, limit);
  }

  private partitionOf(variantId: string): StockPartition {
    const partition = this.partitions.get(inventoryPartition(variantId, this.count));
    if (!partition) throw new RangeError(`${variantId} is in no partition.`);
    return partition;
  }

  /** The partitions that the lines are in, in one order for all carts. */
  private partsOf(holdId: string, lines: readonly StockLine[]): PartOfHold[] {
    return this.everyPart(holdId, lines).filter((part) => part.lines.length > 0);
  }

  private everyPart(holdId: string, lines: readonly StockLine[]): PartOfHold[] {
    const locationIds = this.locations.ranked().map(({ id }) => id);
    const all = { holdId, locationIds, fingerprint: fingerprintOf(lines) };
    const numbers = [...lines.keys()];
    return [...this.partitions.values()].map((partition) => {
      const here = this.count === 1 ? numbers : numbers.filter((i) => this.isIn(partition, lines[i]));
      return { ...all, partition, numbers: here, lines: here.flatMap((i) => lines[i] ?? []) };
    });
  }

  private isIn(partition: StockPartition, line: StockLine | undefined): boolean {
    return line !== undefined && this.partitionOf(line.variantId) === partition;
  }

  /**
   * One partition has refused: what the others took is given back. Not when the script asks to be called again, which
   * finds them as they are, nor on a conflict, when they belong to another hold under this id.
   */
  private async giveUp<R extends Refusal>(reply: R, part: PartOfHold, lines: readonly StockLine[]): Promise<R> {
    const isFinal = reply.kind === 'short' || reply.kind === 'expired' || reply.kind === 'resolved';
    if (isFinal && part.lines.length < lines.length) await this.release(part.holdId, lines, 'not all lines are left');
    return renumbered(reply, part);
  }
}

interface Refusal {
  readonly kind: string;
}

/** A reply that names lines by their number in a part names them by their number in the hold. */
function renumbered<R extends Refusal>(reply: R, { numbers }: PartOfHold): R {
  if (!('lines' in reply) || !Array.isArray(reply.lines)) return reply;
  const numberOf = (line: number) => numbers[line] ?? line;
  const lines = reply.lines.map((line: number | { line: number }) =>
    typeof line === 'number' ? numberOf(line) : { ...line, line: numberOf(line.line) },
  );
  return { ...reply, lines };
}
