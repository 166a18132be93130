// The scripts of the operational layer's stock gate: lua/<name>.lua, each behind the files of lua/shared that it needs.
// Every call runs these files too, so a script gets no others.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { epochScript } from '../../platform/redis/epoch.scripts.js';
import { defineLua, type LuaDefinition, type LuaScript } from '../../platform/redis/lua-script.js';

const sharedSource = (name: string) =>
  readFileSync(new URL(`../../../lua/shared/${name}.lua`, import.meta.url), 'utf8');

/** @param needs files of lua/shared beside stock-levels.lua */
function defineStockScript<R>(definition: LuaDefinition<R>, needs: readonly string[] = []): LuaScript<R> {
  const script = defineLua(definition);
  return { ...script, source: [...['stock-levels', ...needs].map(sharedSource), script.source].join('\n') };
}

const whole = z.coerce.number().int();
const text = z.string();
const code = <C extends string>(name: C) => z.tuple([z.literal(name)]);

/** Numbers of lines (from 0) with how many are left of each. */
const leftByLine = (flat: readonly number[]) =>
  Array.from({ length: flat.length / 2 }, (_, i) => ({
    line: (flat[2 * i] ?? 0) - 1,
    available: flat[2 * i + 1] ?? 0,
  }));

const heldUntil = <K extends string>(name: string, kind: K) =>
  z.tuple([z.literal(name), whole]).transform(([, expiresAtMs]) => ({ kind, expiresAtMs }));
const cold = z
  .tuple([z.literal('COLD')], whole)
  .transform(([, ...lines]) => ({ kind: 'cold' as const, lines: lines.map((line) => line - 1) }));
const staleEpoch = z
  .tuple([z.literal('STALE_EPOCH'), whole])
  .transform(([, epoch]) => ({ kind: 'stale_epoch' as const, epoch }));
const resolved = code('RESOLVED').transform(() => ({ kind: 'resolved' as const }));
const conflict = code('CONFLICT').transform(() => ({ kind: 'conflict' as const }));
const already = code('ALREADY').transform(() => ({ kind: 'already' as const }));
const otherPlaces = z
  .tuple([z.literal('OTHER_PLACES'), z.string()])
  .transform(([, held]) => ({ kind: 'other_places' as const, held }));

/** How a level's policy is written in Redis: deny, backorder, untracked. */
export const policyCode = z.enum(['d', 'b', 'u']);
export type PolicyCode = z.infer<typeof policyCode>;

/** The most that may be held of a level; `b` nothing limits it, `u` holds are not counted. */
const limitCode = z.union([z.literal('b'), z.literal('u'), whole]);
export type LimitCode = z.infer<typeof limitCode>;

const lineKeys = ['hold', 'level...', 'expiries...'];
const holdArgs = ['holdId', 'fingerprint', 'lines', 'ttlMs', 'keepMs', 'epoch'];
const levelArgs = ['version...', 'onHand...', 'policy...', 'limit...', 'low...', 'sellable...'];

const reserveReply = z.union([
  z
    .tuple([z.literal('OK'), whole, z.string()])
    .transform(([, expiresAtMs, held]) => ({ kind: 'reserved' as const, expiresAtMs, held })),
  z
    .tuple([z.literal('SHORT')], whole)
    .transform(([, ...flat]) => ({ kind: 'short' as const, lines: leftByLine(flat) })),
  cold,
  staleEpoch,
  resolved,
  conflict,
]);
export type ReserveReply = z.infer<typeof reserveReply>;

const reserve = defineStockScript(
  {
    name: 'reserve',
    keys: ['hold...', 'level...', 'expiries...'],
    args: ['ttlMs', 'keepMs', 'epoch', 'placeCount', 'fingerprint...', 'lines...', 'lineCount...', 'quantity...'],
    returns: ['OK', 'SHORT', 'COLD', 'STALE_EPOCH', 'RESOLVED', 'CONFLICT'],
    reply: z.array(reserveReply),
  },
  ['taking-stock'],
);

const extend = defineStockScript(
  {
    name: 'extend',
    keys: lineKeys,
    args: [...holdArgs, 'maxTotalMs', 'quantity...'],
    returns: ['OK', 'REACQUIRED', 'EXPIRED', 'COLD', 'STALE_EPOCH', 'RESOLVED', 'CONFLICT', 'OTHER_PLACES'],
    reply: z.union([
      heldUntil('OK', 'extended'),
      heldUntil('REACQUIRED', 'reacquired'),
      z
        .tuple([z.literal('EXPIRED')], whole)
        .transform(([, ...flat]) => ({ kind: 'expired' as const, lines: leftByLine(flat) })),
      cold,
      staleEpoch,
      resolved,
      conflict,
      otherPlaces,
    ]),
  },
  ['taking-stock', 'places-of-hold'],
);

const release = defineStockScript(
  {
    name: 'release',
    keys: lineKeys,
    args: ['holdId', 'keepMs', 'reason', 'unlessHeld'],
    returns: ['OK', 'ALREADY', 'COMMITTED', 'HELD', 'OTHER_PLACES'],
    reply: z.union([
      code('OK').transform(() => ({ kind: 'released' as const })),
      already,
      code('COMMITTED').transform(() => ({ kind: 'committed' as const })),
      code('HELD').transform(() => ({ kind: 'held' as const })),
      otherPlaces,
    ]),
  },
  ['places-of-hold'],
);

const restore = defineStockScript(
  {
    name: 'restore',
    keys: lineKeys,
    args: [...holdArgs, 'spanMs', 'quantity...'],
    returns: ['OK', 'COLD', 'STALE_EPOCH', 'RESOLVED', 'CONFLICT', 'OTHER_PLACES'],
    reply: z.union([heldUntil('OK', 'restored'), cold, staleEpoch, resolved, conflict, otherPlaces]),
  },
  ['taking-stock', 'places-of-hold'],
);

const commit = defineStockScript(
  {
    name: 'commit',
    keys: ['epoch', ...lineKeys, 'after...'],
    args: ['holdId', 'orderId', 'keepMs', 'epoch', 'placeCount', ...levelArgs],
    returns: ['OK', 'ALREADY', 'OK_NO_HOLD', 'STALE_EPOCH', 'OTHER_PLACES'],
    reply: z.union([
      code('OK').transform(() => ({ kind: 'committed' as const })),
      already,
      code('OK_NO_HOLD').transform(() => ({ kind: 'no_hold' as const })),
      staleEpoch,
      otherPlaces,
    ]),
  },
  ['places-of-hold', 'apply-level'],
);

const reconcile = defineStockScript(
  {
    name: 'reconcile',
    keys: ['epoch', 'level...'],
    args: ['epoch', ...levelArgs],
    returns: ['OK', 'STALE_EPOCH'],
    reply: z.union([
      z
        .tuple([z.literal('OK')], whole)
        .transform(([, ...applied]) => ({ kind: 'ok' as const, applied: applied.map((flag) => flag === 1) })),
      staleEpoch,
    ]),
  },
  ['apply-level'],
);

const readLevels = defineStockScript({
  name: 'read-levels',
  keys: ['level...', 'expiries...'],
  args: [],
  returns: ['OK'],
  reply: z
    .tuple([z.literal('OK')], z.tuple([text, text, text, text, text, text, text, whole]))
    .transform(([, ...levels]) =>
      levels.map(([epoch, version, onHand, policy, limit, low, sellable, held]) => ({
        level: epoch
          ? {
              epoch: Number(epoch),
              version: Number(version),
              onHand: Number(onHand),
              sellable: sellable === '' ? null : Number(sellable),
              policy: policyCode.parse(policy),
              limit: limitCode.parse(limit),
              lowStockThreshold: low === '' ? null : Number(low),
            }
          : undefined,
        held,
      })),
    ),
});

const checkHolds = defineStockScript({
  name: 'check-holds',
  keys: ['level...', 'expiries...'],
  args: [],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK')], whole).transform(([, ...flat]) =>
    Array.from({ length: flat.length / 4 }, (_, i) => {
      const [held = 0, sum = 0, count = 0, missed = 0] = flat.slice(4 * i);
      return { held, sum, count, isMissed: missed === 1 };
    }),
  ),
});

export const inventoryScripts = {
  reserve,
  extend,
  release,
  restore,
  commit,
  reconcile,
  readLevels,
  checkHolds,
  epoch: epochScript,
};

/** Nest injection token of the scripts; tests put broken ones in their place to show that they notice. */
export const INVENTORY_SCRIPTS = Symbol('INVENTORY_SCRIPTS');
export type InventoryScripts = typeof inventoryScripts;
