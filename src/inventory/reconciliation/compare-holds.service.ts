// Compares the holds in Redis with the sums of their levels and with their owners, and lists holds that PostgreSQL could not
// hand over. A hold that nobody promised and nobody misses lapses by itself and is no difference.
import { Inject, Injectable } from '@nestjs/common';
import { HoldOwners } from '../holds/hold-owners.js';
import type { Place } from '../holds/level-in-redis.js';
import { StockGate } from '../holds/stock-gate.store.js';
import { InventoryMetrics } from '../metrics/inventory-metrics.js';
import { HoldHandoverRepository } from '../standby/hold-handover.repository.js';

const HOLDS_AT_ONCE = 500;
const MAX_REPORTED = 1_000;

/** What was wrong with a hold, and what was done about it. */
export type HoldDifference =
  /** A level's sum, or its bound of the next expiry, was not what its holds say; it is now. */
  | (Place & { readonly kind: 'sum'; readonly held: number; readonly sum: number })
  /** Its checkout has ended; it was given back. */
  | { readonly kind: 'ended'; readonly holdId: string }
  /** It was changed in PostgreSQL while Redis was away and could not be handed over since. */
  | { readonly kind: 'waiting'; readonly holdId: string };

export interface HoldTally {
  /** Lines of live holds in Redis, and units in them. */
  lines: number;
  units: number;
  differing: number;
  /** The first thousand. */
  readonly differences: HoldDifference[];
}

@Injectable()
export class CompareHolds {
  constructor(
    @Inject(StockGate) private readonly gate: StockGate,
    @Inject(HoldOwners) private readonly owners: HoldOwners,
    @Inject(HoldHandoverRepository) private readonly handover: HoldHandoverRepository,
    @Inject(InventoryMetrics) private readonly metrics: InventoryMetrics,
  ) {}

  /** @param places that have a level in PostgreSQL */
  async comparePage(places: readonly Place[], tally: HoldTally): Promise<void> {
    const checked = await this.gate.checkHolds(places);
    for (const [i, place] of places.entries()) {
      const { held = 0, sum = 0, count = 0, isMissed = false } = checked[i] ?? {};
      tally.lines += count;
      tally.units += sum;
      const { variantId, locationId } = place;
      if (held !== sum || isMissed) this.note({ kind: 'sum', variantId, locationId, held, sum }, tally);
      if (count > 0) await this.endHolds(place, tally);
    }
  }

  /** After the last page. */
  async finish(tally: HoldTally): Promise<void> {
    for (const holdId of await this.handover.stuck(MAX_REPORTED)) this.note({ kind: 'waiting', holdId }, tally);
    this.metrics.liveHolds.set(tally);
  }

  private async endHolds(place: Place, tally: HoldTally): Promise<void> {
    let from = 0;
    for (;;) {
      const { items } = await this.gate.holdsOf(place, HOLDS_AT_ONCE, from);
      const ended = await this.owners.ended(items.map(({ holdId }) => holdId));
      let gone = 0;
      for (const holdId of ended) {
        const { kind } = await this.gate.release(holdId, [], 'its checkout has ended');
        if (kind === 'released') gone += 1;
        this.note({ kind: 'ended', holdId }, tally);
      }
      if (items.length < HOLDS_AT_ONCE) return;
      from += items.length - gone;
    }
  }

  private note(difference: HoldDifference, tally: HoldTally): void {
    this.metrics.differences.inc({ kind: `hold-${difference.kind}` });
    tally.differing += 1;
    if (tally.differences.length < MAX_REPORTED) tally.differences.push(difference);
  }
}
