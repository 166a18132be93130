// The Redis side of stock: levels and holds under the keys of one partition, each change one script.
import { Inject, Injectable } from '@nestjs/common';
import { unavailable } from '../platform/errors.js';
import { DEFAULT_PARTITION, keyspace } from '../platform/keyspace.js';
import { runLua } from '../platform/redis/lua-runner.js';
import type { LuaScript } from '../platform/redis/lua-script.js';
import { isRedisDown } from '../platform/redis/redis-down.js';
import { RedisLayers } from '../platform/redis/redis-layers.js';
import { fingerprintOf, type HoldLine, readHoldLines, type StockLine, writeHoldLines } from './hold-lines.js';
import { INVENTORY_SCRIPTS, type InventoryScripts, type LimitCode, type PolicyCode } from './inventory.scripts.js';
import { DEFAULT_LOCATION_ID } from './locations.js';
import { Locations } from './locations.service.js';
import type { LevelSnapshot, StockLevel } from './stock-level.js';

const partition = DEFAULT_PARTITION;
/** Tombstones and lapsed holds are remembered for a day. */
const TOMBSTONE_MS = 86_400_000;
const MAX_REASON_LENGTH = 100;

/** Where a level is kept. */
export interface Place {
  readonly variantId: string;
  readonly locationId: string;
}

/** A level as Redis has it. */
export interface LevelInRedis {
  readonly epoch: number;
  readonly version: number;
  readonly onHand: number;
  readonly policy: PolicyCode;
  readonly limit: LimitCode;
}

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

export interface LiveHold {
  readonly holdId: string;
  readonly quantity: number;
  readonly expiresAtMs: number;
}

@Injectable()
export class StockGate {
  constructor(
    @Inject(RedisLayers) private readonly layers: RedisLayers,
    @Inject(INVENTORY_SCRIPTS) private readonly scripts: InventoryScripts,
    @Inject(Locations) private readonly locations: Locations,
  ) {}

  /** `lua/reserve.lua` @param lines each variant once */
  async reserve(holdId: string, lines: readonly StockLine[], ttlMs: number, epoch: number) {
    const places = this.placesOf(lines);
    const reply = await this.run(this.scripts.reserve, holdKeys(holdId, places), [
      ...holdArgs(holdId, lines, places, ttlMs, ttlMs, epoch),
      ...lines.map((line) => line.quantity),
    ]);
    if (reply.kind !== 'ok') return reply;
    return { ...reply, held: reply.held ? readHoldLines(reply.held) : firstChoiceOf(lines, places) };
  }

  /** `lua/extend.lua` @param lines each variant once */
  async extend(
    holdId: string,
    lines: readonly StockLine[],
    { ttlMs, maxTotalMs }: { readonly ttlMs: number; readonly maxTotalMs: number },
    epoch: number,
  ) {
    const attempt = (elsewhere: readonly Place[]) => {
      const places = this.placesOf(lines, elsewhere);
      return this.run(this.scripts.extend, holdKeys(holdId, places), [
        // A hold that lived longer than this extension asks for must not outlive its record.
        ...holdArgs(holdId, lines, places, ttlMs, Math.max(ttlMs, maxTotalMs), epoch),
        maxTotalMs,
        ...lines.map((line) => line.quantity),
      ]);
    };
    return withItsOwnPlaces(attempt);
  }

  /** `lua/restore.lua` */
  async restore({ holdId, lines, ttlMs, spanMs }: PromisedHold, epoch: number) {
    return withItsOwnPlaces((elsewhere) => {
      const places = this.placesOf(lines, elsewhere);
      return this.run(this.scripts.restore, holdKeys(holdId, places), [
        ...holdArgs(holdId, lines, places, ttlMs, ttlMs, epoch),
        spanMs,
        ...lines.map((line) => line.quantity),
      ]);
    });
  }

  /** `lua/release.lua`. What the hold has of other variants or at other locations is given back as well. */
  async release(holdId: string, lines: readonly StockLine[], reason: string) {
    return withItsOwnPlaces((held) =>
      this.run(this.scripts.release, holdKeys(holdId, held.length > 0 ? held : this.placesOf(lines)), [
        holdId,
        TOMBSTONE_MS,
        reason.slice(0, MAX_REASON_LENGTH),
      ]),
    );
  }

  /** `lua/commit.lua`. `lines` may be empty: what the hold's record says is used. */
  async commit(holdId: string, orderId: string, lines: readonly StockLine[], after: LevelSnapshot) {
    return withItsOwnPlaces((held) => {
      const places = held.length > 0 ? held : this.placesOf(lines);
      return this.run(
        this.scripts.commit,
        [epochKey, ...holdKeys(holdId, places), ...after.levels.map(levelKey)],
        [holdId, orderId, TOMBSTONE_MS, after.epoch, places.length, ...after.levels.flatMap(levelArgs)],
      );
    });
  }

  /** `lua/reconcile.lua` */
  reconcile({ epoch, levels }: LevelSnapshot) {
    return this.run(this.scripts.reconcile, [epochKey, ...levels.map(levelKey)], [epoch, ...levels.flatMap(levelArgs)]);
  }

  /** `lua/read-levels.lua`: one answer for each place, in their order. */
  readLevels(places: readonly Place[]) {
    return this.run(this.scripts.readLevels, places.flatMap(linePair), []);
  }

  /** `lua/epoch.lua` @param newEpoch 0 only reads */
  epoch(newEpoch = 0) {
    return this.run(this.scripts.epoch, [epochKey], [newEpoch]);
  }

  /** The holds of a level that end first, and how many there are. */
  async holdsOf(place: Place, limit: number): Promise<{ count: number; items: LiveHold[] }> {
    const client = this.layers.client('operational');
    const [, expiries] = linePair(place);
    const [flat, count] = await Promise.all([
      client.zrange(expiries, '0', String(limit - 1), 'WITHSCORES'),
      client.zcard(expiries),
    ]);
    const items = flat.flatMap((member, i) => {
      if (i % 2 === 1) return [];
      const [holdId = '', quantity] = member.split(':');
      return { holdId, quantity: Number(quantity), expiresAtMs: Number(flat[i + 1]) };
    });
    return { count, items };
  }

  /** For each line the places that it may be taken from, the first choice first; as many for each line. */
  private placesOf(lines: readonly StockLine[], elsewhere: readonly Place[] = []): Place[] {
    const ranked = this.locations.ranked().map(({ id }) => id);
    const locationIds = [...new Set([...ranked, ...elsewhere.map(({ locationId }) => locationId)])];
    return lines.flatMap(({ variantId }) => locationIds.map((locationId) => ({ variantId, locationId })));
  }

  private async run<R>(script: LuaScript<R>, keys: readonly string[], args: readonly (string | number)[]): Promise<R> {
    try {
      return await runLua(this.layers.client('operational'), script, keys, args);
    } catch (error) {
      if (isRedisDown(error)) throw unavailable('The store of stock holds', 1, error);
      throw error;
    }
  }
}

const epochKey = keyspace.operational.inventoryEpoch(partition);

const levelKey = ({ variantId, locationId }: Place) => keyspace.operational.level(partition, variantId, locationId);

const linePair = (place: Place): [string, string] => [
  levelKey(place),
  keyspace.operational.holdExpiries(partition, place.variantId, place.locationId),
];

function holdKeys(holdId: string, places: readonly Place[]): string[] {
  // The quantity of a hold stands behind its id.
  if (holdId.length !== 36) throw new RangeError('A hold id is a UUID.');
  return [keyspace.operational.hold(partition, holdId), ...places.flatMap(linePair)];
}

function holdArgs(
  holdId: string,
  lines: readonly StockLine[],
  places: readonly Place[],
  ttlMs: number,
  longestMs: number,
  epoch: number,
) {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) throw new RangeError(`A hold lives whole milliseconds, not ${ttlMs}.`);
  const firstChoice = writeHoldLines(firstChoiceOf(lines, places));
  return [holdId, fingerprintOf(lines), firstChoice, ttlMs, longestMs + TOMBSTONE_MS, epoch];
}

/** Each line whole at the first of its places. */
function firstChoiceOf(lines: readonly StockLine[], places: readonly Place[]): HoldLine[] {
  const perLine = places.length / lines.length;
  return lines.map(({ variantId, quantity }, i) => ({
    variantId,
    quantity,
    locationId: places[i * perLine]?.locationId ?? DEFAULT_LOCATION_ID,
  }));
}

const levelArgs = (level: StockLevel) => [level.version, level.onHand, policyCodeOf(level), limitCodeOf(level)];

/** How a level's policy is written in Redis. */
export function policyCodeOf({ tracked, policy }: StockLevel): PolicyCode {
  if (!tracked) return 'u';
  return policy === 'backorder' ? 'b' : 'd';
}

/** How the most that may be held of a level is written in Redis. */
export function limitCodeOf({ tracked, holdLimit }: StockLevel): LimitCode {
  if (!tracked) return 'u';
  return holdLimit ?? 'b';
}

/** Calls again with the places that the hold's record names when it has others: a script builds no keys itself. */
async function withItsOwnPlaces<R extends { kind: string }>(
  attempt: (held: readonly HoldLine[]) => Promise<R | OtherPlaces>,
): Promise<Exclude<R, OtherPlaces>> {
  const first = await attempt([]);
  const reply = isOtherPlaces(first) ? await attempt(readHoldLines(first.held)) : first;
  // Between the two calls a hold can only be resolved, never move.
  if (isOtherPlaces(reply)) throw new Error('A hold changed its places.');
  return reply as Exclude<R, OtherPlaces>;
}

interface OtherPlaces {
  readonly kind: 'other_places';
  readonly held: string;
}

const isOtherPlaces = (reply: { readonly kind: string }): reply is OtherPlaces => reply.kind === 'other_places';
