// One partition of the Redis side of stock: levels and holds whose keys share a hash tag, each change one script. A hold's
// record may name other places than the lines do: then the script is called once more, with those.
import { unavailable } from '../../platform/errors.js';
import { keyspace } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import type { LuaScript } from '../../platform/redis/lua-script.js';
import { isRedisDown } from '../../platform/redis/redis-down.js';
import type { RedisLayers } from '../../platform/redis/redis-layers.js';
import type { LevelSnapshot } from '../levels/stock-level.js';
import { type HoldLine, readHoldLines, writeHoldLines } from './hold-lines.js';
import { coldLines, firstChoiceOf, type HoldPart, placesOf, shortLinesOf, withLocationsOf } from './hold-part.js';
import type { InventoryScripts } from './inventory.scripts.js';
import { levelArgs, type Place } from './level-in-redis.js';
import { ReserveCalls } from './reserve-calls.js';

/** Tombstones and lapsed holds are remembered for a day. */
const TOMBSTONE_MS = 86_400_000;
const MAX_REASON_LENGTH = 100;

export interface LiveHold {
  readonly holdId: string;
  readonly quantity: number;
  readonly expiresAtMs: number;
}

export class StockPartition {
  private readonly keys = keyspace.operational;
  private readonly epochKey: string;
  private readonly reserveCalls = new ReserveCalls((keys, args) => this.run(this.scripts.reserve, keys, args));

  /** @param count how many partitions there are with this one */
  constructor(
    private readonly name: string,
    count: number,
    private readonly layers: Pick<RedisLayers, 'client'>,
    private readonly scripts: InventoryScripts,
  ) {
    this.epochKey = this.keys.inventoryEpoch(name, count);
  }

  /** `lua/reserve.lua`, in one call with other holds that are asked for in the same turn of the event loop. */
  async reserve(part: HoldPart, ttlMs: number, epoch: number) {
    const [, fingerprint, lines, ...times] = holdArgs(part, ttlMs, ttlMs, epoch);
    const reply = await this.reserveCalls.ask({
      keys: this.holdKeys(part.holdId, placesOf(part)),
      common: [...times, part.locationIds.length],
      args: [fingerprint, lines, part.lines.length, ...part.lines.map((line) => line.quantity)],
    });
    switch (reply.kind) {
      case 'reserved':
        return { ...reply, held: reply.held ? readHoldLines(reply.held) : firstChoiceOf(part) };
      case 'short':
        return { kind: reply.kind, lines: shortLinesOf(part, reply.lines) };
      case 'cold':
        return coldLines(part, reply.lines);
      default:
        return reply;
    }
  }

  /** `lua/extend.lua` */
  async extend(
    part: HoldPart,
    { ttlMs, maxTotalMs }: { readonly ttlMs: number; readonly maxTotalMs: number },
    epoch: number,
  ) {
    const reply = await withItsOwnPlaces((held) => {
      const wider = withLocationsOf(part, held);
      return this.run(this.scripts.extend, this.holdKeys(wider.holdId, placesOf(wider)), [
        // A hold that lived longer than this extension asks for must not outlive its record.
        ...holdArgs(wider, ttlMs, Math.max(ttlMs, maxTotalMs), epoch),
        maxTotalMs,
        ...wider.lines.map((line) => line.quantity),
      ]);
    });
    switch (reply.kind) {
      case 'expired':
        return { kind: reply.kind, lines: shortLinesOf(part, reply.lines) };
      case 'cold':
        return coldLines(part, reply.lines);
      default:
        return reply;
    }
  }

  /** `lua/restore.lua` */
  async restore(part: HoldPart, { ttlMs, spanMs }: { readonly ttlMs: number; readonly spanMs: number }, epoch: number) {
    const reply = await withItsOwnPlaces((held) => {
      const wider = withLocationsOf(part, held);
      return this.run(this.scripts.restore, this.holdKeys(wider.holdId, placesOf(wider)), [
        ...holdArgs(wider, ttlMs, ttlMs, epoch),
        spanMs,
        ...wider.lines.map((line) => line.quantity),
      ]);
    });
    return reply.kind === 'cold' ? coldLines(part, reply.lines) : reply;
  }

  /** `lua/release.lua`. What the hold has of other variants or at other locations is given back as well. */
  release(part: HoldPart, reason: string, { unlessHeld = false } = {}) {
    return withItsOwnPlaces((held) =>
      this.run(this.scripts.release, this.holdKeys(part.holdId, held.length > 0 ? held : placesOf(part)), [
        part.holdId,
        TOMBSTONE_MS,
        reason.slice(0, MAX_REASON_LENGTH),
        Number(unlessHeld),
      ]),
    );
  }

  /** `lua/commit.lua`. Without lines it tries the order's levels: an order most likely took from where its hold was. */
  commit(part: HoldPart, orderId: string, { epoch, levels }: LevelSnapshot) {
    const likely = part.lines.length > 0 ? placesOf(part) : levels;
    return withItsOwnPlaces((held) => {
      const places = held.length > 0 ? held : likely;
      return this.run(
        this.scripts.commit,
        [this.epochKey, ...this.holdKeys(part.holdId, places), ...levels.map((level) => this.levelKey(level))],
        [part.holdId, orderId, TOMBSTONE_MS, epoch, places.length, ...levels.flatMap(levelArgs)],
      );
    });
  }

  /** `lua/reconcile.lua` */
  reconcile({ epoch, levels }: LevelSnapshot) {
    return this.run(
      this.scripts.reconcile,
      [this.epochKey, ...levels.map((level) => this.levelKey(level))],
      [epoch, ...levels.flatMap(levelArgs)],
    );
  }

  /** `lua/read-levels.lua`: one answer for each place, in their order. */
  readLevels(places: readonly Place[]) {
    return this.run(
      this.scripts.readLevels,
      places.flatMap((place) => this.linePair(place)),
      [],
    );
  }

  /** `lua/check-holds.lua`, called again from where it stopped: one answer for each place, in their order. */
  async checkHolds(places: readonly Place[]) {
    const check = (rest: readonly Place[]) =>
      this.run(
        this.scripts.checkHolds,
        rest.flatMap((place) => this.linePair(place)),
        [],
      );
    const checked = await check(places);
    while (checked.length < places.length) checked.push(...(await check(places.slice(checked.length))));
    return checked;
  }

  /** `lua/epoch.lua` @param newEpoch 0 only reads */
  epoch(newEpoch = 0) {
    return this.run(this.scripts.epoch, [this.epochKey], [newEpoch]);
  }

  /** The holds of a level that end first, and how many there are. */
  async holdsOf(place: Place, limit: number, from = 0): Promise<{ count: number; items: LiveHold[] }> {
    const client = this.layers.client('operational');
    const [, expiries] = this.linePair(place);
    const [flat, count] = await Promise.all([
      client.zrange(expiries, String(from), String(from + limit - 1), 'WITHSCORES'),
      client.zcard(expiries),
    ]);
    const items = flat.flatMap((member, i) => {
      if (i % 2 === 1) return [];
      const [holdId = '', quantity] = member.split(':');
      return { holdId, quantity: Number(quantity), expiresAtMs: Number(flat[i + 1]) };
    });
    return { count, items };
  }

  private async run<R>(script: LuaScript<R>, keys: readonly string[], args: readonly (string | number)[]): Promise<R> {
    try {
      return await runLua(this.layers.client('operational'), script, keys, args);
    } catch (error) {
      if (isRedisDown(error)) throw unavailable('The store of stock holds', 1, error);
      throw error;
    }
  }

  private levelKey({ variantId, locationId }: Place): string {
    return this.keys.level(this.name, variantId, locationId);
  }

  private linePair(place: Place): [string, string] {
    return [this.levelKey(place), this.keys.holdExpiries(this.name, place.variantId, place.locationId)];
  }

  private holdKeys(holdId: string, places: readonly Place[]): string[] {
    // The quantity of a hold stands behind its id.
    if (holdId.length !== 36) throw new RangeError('A hold id is a UUID.');
    return [this.keys.hold(this.name, holdId), ...places.flatMap((place) => this.linePair(place))];
  }
}

function holdArgs(part: HoldPart, ttlMs: number, longestMs: number, epoch: number) {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) throw new RangeError(`A hold lives whole milliseconds, not ${ttlMs}.`);
  const firstChoice = writeHoldLines(firstChoiceOf(part));
  return [part.holdId, part.fingerprint, firstChoice, ttlMs, longestMs + TOMBSTONE_MS, epoch] as const;
}

/** If the hold's record names other places, calls once more with those: a script builds no keys itself. */
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
