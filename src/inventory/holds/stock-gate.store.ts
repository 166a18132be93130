// The Redis side of stock. A cart whose variants all lie in one partition, as they do unless a shop asks for more of them,
// is one script. Over several partitions each is tried in turn (try-in-turn.ts): meanwhile others may find less than there
// is, never more.
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { inventoryPartition, inventoryPartitions } from '../../platform/keyspace.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import type { LevelSnapshot } from '../levels/stock-level.js';
import { Locations } from '../locations/locations.service.js';
import { fingerprintOf, type StockLine } from './hold-lines.js';
import { INVENTORY_SCRIPTS, type InventoryScripts } from './inventory.scripts.js';
import type { Place } from './level-in-redis.js';
import { StockPartition } from './stock-partition.store.js';
import { GIVEN_UP, giveUp, type PartOfHold, tryInTurn } from './try-in-turn.js';

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

@Injectable()
export class StockGate {
  private readonly count: number;
  private readonly partitions: readonly StockPartition[];

  constructor(
    @Inject(RedisLayers) layers: Pick<RedisLayers, 'client'>,
    @Inject(INVENTORY_SCRIPTS) scripts: InventoryScripts,
    @Inject(Locations) private readonly locations: Pick<Locations, 'ranked'>,
    @Inject(CONFIG) { INVENTORY_PARTITIONS, TENANT }: Pick<Config, 'INVENTORY_PARTITIONS' | 'TENANT'>,
  ) {
    this.count = INVENTORY_PARTITIONS;
    this.partitions = inventoryPartitions(this.count, TENANT).map(
      (name) => new StockPartition(name, this.count, layers, scripts),
    );
  }

  /** `lua/reserve.lua` @param lines each variant once */
  async reserve(holdId: string, lines: readonly StockLine[], ttlMs: number, epoch: number) {
    const replies = await this.inTurn(holdId, lines, (part) => part.partition.reserve(part, ttlMs, epoch));
    if ('kind' in replies) return replies;
    return { kind: 'ok' as const, expiresAtMs: firstExpiry(replies), held: replies.flatMap(({ held }) => held) };
  }

  /** `lua/extend.lua` @param lines each variant once */
  async extend(
    holdId: string,
    lines: readonly StockLine[],
    options: { readonly ttlMs: number; readonly maxTotalMs: number },
    epoch: number,
  ) {
    const replies = await this.inTurn(holdId, lines, (part) => part.partition.extend(part, options, epoch));
    if ('kind' in replies) return replies;
    const expiresAtMs = firstExpiry(replies);
    const reacquired = replies.some(({ kind }) => kind === 'reacquired');
    return reacquired ? { kind: 'reacquired' as const, expiresAtMs } : { kind: 'ok' as const, expiresAtMs };
  }

  /** `lua/restore.lua` */
  async restore({ holdId, lines, ...times }: PromisedHold, epoch: number) {
    const replies = await this.inTurn(holdId, lines, (part) => part.partition.restore(part, times, epoch));
    if ('kind' in replies) return replies;
    return { kind: 'ok' as const, expiresAtMs: firstExpiry(replies) };
  }

  /**
   * Gives back what other partitions have of a hold, a line of which cannot be had.
   * @returns false when somebody who asks for the same hold has got that line meanwhile: ask again
   */
  async giveUp(holdId: string, lines: readonly StockLine[], refusedLine: number): Promise<boolean> {
    const parts = this.partsOf(holdId, lines);
    const refusing = parts.find(({ numbers }) => numbers.includes(refusedLine));
    return !refusing || giveUp(parts, refusing, () => this.release(holdId, lines, GIVEN_UP));
  }

  /** `lua/release.lua`. What the hold has in other lines than these is given back as well. */
  async release(holdId: string, lines: readonly StockLine[], reason: string) {
    const kinds = new Set<string>();
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
  readLevels(places: readonly Place[]) {
    return this.ofPlaces(places, (partition, here) => partition.readLevels(here));
  }

  /** `lua/check-holds.lua`: one answer for each place, in their order. */
  checkHolds(places: readonly Place[]) {
    return this.ofPlaces(places, (partition, here) => partition.checkHolds(here));
  }

  private async ofPlaces<A>(
    places: readonly Place[],
    ask: (partition: StockPartition, places: readonly Place[]) => Promise<readonly A[]>,
  ): Promise<A[]> {
    const numbered = places.map((place, number) => ({ ...place, number }));
    const parts = [...Map.groupBy(numbered, ({ variantId }) => this.partitionOf(variantId))];
    const answers = await Promise.all(
      parts.map(async ([partition, here]) => {
        const found = await ask(partition, here);
        return found.map((answer, i) => ({ answer, number: here[i]?.number ?? 0 }));
      }),
    );
    return answers
      .flat()
      .sort((a, b) => a.number - b.number)
      .map(({ answer }) => answer);
  }

  /** `lua/epoch.lua`. Partitions that disagree are not on the server they were set on. @param newEpoch 0 only reads */
  async epoch(newEpoch = 0) {
    const found = await Promise.all(this.partitions.map((partition) => partition.epoch(newEpoch)));
    const epoch = Math.max(...found.map((partition) => partition.epoch));
    return { epoch, sameServer: found.every((partition) => partition.sameServer && partition.epoch === epoch) };
  }

  /** The holds of a level that end first, and how many there are. */
  holdsOf(place: Place, limit: number, from = 0) {
    return this.partitionOf(place.variantId).holdsOf(place, limit, from);
  }

  private partitionOf(variantId: string): StockPartition {
    const partition = this.partitions[inventoryPartition(variantId, this.count)];
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
    return this.partitions.map((partition) => {
      const here = this.count === 1 ? numbers : numbers.filter((i) => this.isIn(partition, lines[i]));
      return { ...all, partition, numbers: here, lines: here.flatMap((i) => lines[i] ?? []) };
    });
  }

  private isIn(partition: StockPartition, line: StockLine | undefined): boolean {
    return line !== undefined && this.partitionOf(line.variantId) === partition;
  }

  private inTurn<R extends { readonly kind: string }>(
    holdId: string,
    lines: readonly StockLine[],
    attempt: (part: PartOfHold) => Promise<R>,
  ) {
    return tryInTurn(this.partsOf(holdId, lines), attempt, () => this.release(holdId, lines, GIVEN_UP));
  }
}

const firstExpiry = (replies: readonly { readonly expiresAtMs: number }[]) =>
  Math.min(...replies.map(({ expiresAtMs }) => expiresAtMs));
