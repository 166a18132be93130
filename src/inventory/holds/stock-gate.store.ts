// The Redis side of stock: which partition has what. All variants are in one unless the shop configures more.
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
import type { PartOfHold } from './try-in-turn.js';

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

  /** The partitions that the lines are in, in one order for all carts. @param lines each variant once */
  partsOf(holdId: string, lines: readonly StockLine[]): PartOfHold[] {
    return this.everyPart(holdId, lines).filter((part) => part.lines.length > 0);
  }

  /** `lua/release.lua`. What the hold has in other lines than these is given back as well. */
  async release(holdId: string, lines: readonly StockLine[], reason: string) {
    const kinds = new Set<string>();
    for (const part of this.everyPart(holdId, lines)) {
      kinds.add((await part.partition.release(part, reason)).kind);
    }
    return { kind: (['committed', 'released', 'already'] as const).find((kind) => kinds.has(kind)) ?? 'released' };
  }

  /** `lua/commit.lua`. `lines` may be empty: the hold's records say where its stock is. */
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

  /** `lua/epoch.lua`. Partitions at different epochs count as not `sameServer`. @param newEpoch 0 only reads */
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

  private everyPart(holdId: string, lines: readonly StockLine[]): PartOfHold[] {
    const locationIds = this.locations.ranked().map(({ id }) => id);
    const whole = { holdId, locationIds, fingerprint: fingerprintOf(lines) };
    return this.partitions.map((partition) => ({
      ...whole,
      partition,
      lines: this.count === 1 ? lines : lines.filter(({ variantId }) => this.partitionOf(variantId) === partition),
    }));
  }
}
