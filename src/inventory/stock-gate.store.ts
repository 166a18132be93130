// The Redis side of stock: levels and holds under the keys of one partition, each change one script.
import { Inject, Injectable } from '@nestjs/common';
import { unavailable } from '../platform/errors.js';
import { DEFAULT_PARTITION, keyspace } from '../platform/keyspace.js';
import { runLua } from '../platform/redis/lua-runner.js';
import type { LuaScript } from '../platform/redis/lua-script.js';
import { isRedisDown, RedisLayers } from '../platform/redis/redis-layers.js';
import { fingerprintOf, type HoldLine, readHoldLines, writeHoldLines } from './hold-lines.js';
import { INVENTORY_SCRIPTS, type InventoryScripts, type PolicyCode } from './inventory.scripts.js';
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
  ) {}

  /** `lua/reserve.lua` */
  reserve(holdId: string, lines: readonly HoldLine[], ttlMs: number, epoch: number) {
    return this.run(this.scripts.reserve, holdKeys(holdId, lines), [
      ...holdArgs(holdId, lines, ttlMs, ttlMs, epoch),
      ...lines.map((line) => line.quantity),
    ]);
  }

  /** `lua/extend.lua` */
  extend(
    holdId: string,
    lines: readonly HoldLine[],
    { ttlMs, maxTotalMs }: { readonly ttlMs: number; readonly maxTotalMs: number },
    epoch: number,
  ) {
    return this.run(this.scripts.extend, holdKeys(holdId, lines), [
      // A hold that lived longer than this extension asks for must not outlive its record.
      ...holdArgs(holdId, lines, ttlMs, Math.max(ttlMs, maxTotalMs), epoch),
      maxTotalMs,
      ...lines.map((line) => line.quantity),
    ]);
  }

  /** `lua/release.lua`. What the hold has in other lines than these is given back as well. */
  async release(holdId: string, lines: readonly HoldLine[], reason: string) {
    const attempt = (held: readonly HoldLine[]) =>
      this.run(this.scripts.release, holdKeys(holdId, held), [
        holdId,
        fingerprintOf(held),
        TOMBSTONE_MS,
        reason.slice(0, MAX_REASON_LENGTH),
      ]);
    return withItsOwnLines(lines, attempt);
  }

  /** `lua/commit.lua`. `lines` may be empty: those of the hold's record are used. */
  async commit(holdId: string, orderId: string, lines: readonly HoldLine[], after: LevelSnapshot) {
    const attempt = (held: readonly HoldLine[]) =>
      this.run(
        this.scripts.commit,
        [epochKey, ...holdKeys(holdId, held), ...after.levels.map(levelKey)],
        [
          holdId,
          fingerprintOf(held),
          orderId,
          TOMBSTONE_MS,
          after.epoch,
          held.length,
          ...after.levels.flatMap(levelArgs),
        ],
      );
    return withItsOwnLines(lines, attempt);
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
    const [level, expiries] = linePair(place);
    const flat = await client.zrange(expiries, '0', String(limit - 1), 'WITHSCORES');
    const ids = flat.filter((_, i) => i % 2 === 0);
    const [count, quantities] = await Promise.all([
      client.zcard(expiries),
      ids.length > 0 ? client.hmget(level, ...ids) : [],
    ]);
    return {
      count,
      items: ids.map((holdId, i) => ({
        holdId,
        quantity: Number(quantities[i] ?? 0),
        expiresAtMs: Number(flat[2 * i + 1]),
      })),
    };
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

function holdKeys(holdId: string, lines: readonly HoldLine[]): string[] {
  // Hold ids stand beside the fields of a level, which have one letter.
  if (holdId.length !== 36) throw new RangeError('A hold id is a UUID.');
  return [keyspace.operational.hold(partition, holdId), ...lines.flatMap(linePair)];
}

function holdArgs(holdId: string, lines: readonly HoldLine[], ttlMs: number, longestMs: number, epoch: number) {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) throw new RangeError(`A hold lives whole milliseconds, not ${ttlMs}.`);
  return [holdId, fingerprintOf(lines), writeHoldLines(lines), ttlMs, longestMs + TOMBSTONE_MS, epoch];
}

const levelArgs = (level: StockLevel) => [level.version, level.onHand, policyCodeOf(level)];

/** How a level's policy is written in Redis. */
export function policyCodeOf({ tracked, policy }: StockLevel): PolicyCode {
  if (!tracked) return 'u';
  return policy === 'backorder' ? 'b' : 'd';
}

/** Calls again with the lines that the hold's record names when it is about others: a script builds no keys itself. */
async function withItsOwnLines<R extends { kind: string }>(
  lines: readonly HoldLine[],
  attempt: (lines: readonly HoldLine[]) => Promise<R | { kind: 'other_lines'; lines: string }>,
): Promise<Exclude<R, { kind: 'other_lines' }>> {
  const first = await attempt(lines);
  const reply = isOtherLines(first) ? await attempt(readHoldLines(first.lines)) : first;
  // Between the two calls a hold can only be resolved, never get other lines.
  if (isOtherLines(reply)) throw new Error('A hold changed its lines.');
  return reply as Exclude<R, { kind: 'other_lines' }>;
}

const isOtherLines = (reply: { kind: string }): reply is { kind: 'other_lines'; lines: string } =>
  reply.kind === 'other_lines';
