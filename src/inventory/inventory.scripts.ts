// The scripts of the operational layer's stock gate: lua/<name>.lua, each behind lua/shared/stock-levels.lua.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defineLua, type LuaDefinition, type LuaScript } from '../platform/redis/lua-script.js';

const shared = readFileSync(new URL('../../lua/shared/stock-levels.lua', import.meta.url), 'utf8');

function defineStockScript<R>(definition: LuaDefinition<R>): LuaScript<R> {
  const script = defineLua(definition);
  return { ...script, source: `${shared}\n${script.source}` };
}

const whole = z.coerce.number().int();
const code = <C extends string>(name: C) => z.tuple([z.literal(name)]);

/** Numbers of lines (from 0) with how many are left of each. */
const leftByLine = (flat: readonly number[]) =>
  Array.from({ length: flat.length / 2 }, (_, i) => ({
    line: (flat[2 * i] ?? 0) - 1,
    available: flat[2 * i + 1] ?? 0,
  }));

const ok = z.tuple([z.literal('OK'), whole]).transform(([, expiresAtMs]) => ({ kind: 'ok' as const, expiresAtMs }));
const cold = z
  .tuple([z.literal('COLD')], whole)
  .transform(([, ...lines]) => ({ kind: 'cold' as const, lines: lines.map((line) => line - 1) }));
const staleEpoch = z
  .tuple([z.literal('STALE_EPOCH'), whole])
  .transform(([, epoch]) => ({ kind: 'stale_epoch' as const, epoch }));
const resolved = code('RESOLVED').transform(() => ({ kind: 'resolved' as const }));
const conflict = code('CONFLICT').transform(() => ({ kind: 'conflict' as const }));
const already = code('ALREADY').transform(() => ({ kind: 'already' as const }));
const otherLines = z
  .tuple([z.literal('OTHER_LINES'), z.string()])
  .transform(([, lines]) => ({ kind: 'other_lines' as const, lines }));

/** How a level's policy is written in Redis: deny, backorder, untracked. */
export const policyCode = z.enum(['d', 'b', 'u']);
export type PolicyCode = z.infer<typeof policyCode>;

const lineKeys = ['hold', 'level...', 'expiries...'];
const holdArgs = ['holdId', 'fingerprint', 'lines', 'ttlMs', 'keepMs', 'epoch'];
const levelArgs = ['version...', 'onHand...', 'policy...'];

const reserve = defineStockScript({
  name: 'reserve',
  keys: lineKeys,
  args: [...holdArgs, 'quantity...'],
  returns: ['OK', 'SHORT', 'COLD', 'STALE_EPOCH', 'RESOLVED', 'CONFLICT'],
  reply: z.union([
    ok,
    z
      .tuple([z.literal('SHORT')], whole)
      .transform(([, ...flat]) => ({ kind: 'short' as const, lines: leftByLine(flat) })),
    cold,
    staleEpoch,
    resolved,
    conflict,
  ]),
});

const extend = defineStockScript({
  name: 'extend',
  keys: lineKeys,
  args: [...holdArgs, 'maxTotalMs', 'quantity...'],
  returns: ['OK', 'REACQUIRED', 'EXPIRED', 'COLD', 'STALE_EPOCH', 'RESOLVED', 'CONFLICT'],
  reply: z.union([
    ok,
    z
      .tuple([z.literal('REACQUIRED'), whole])
      .transform(([, expiresAtMs]) => ({ kind: 'reacquired' as const, expiresAtMs })),
    z
      .tuple([z.literal('EXPIRED')], whole)
      .transform(([, ...flat]) => ({ kind: 'expired' as const, lines: leftByLine(flat) })),
    cold,
    staleEpoch,
    resolved,
    conflict,
  ]),
});

const release = defineStockScript({
  name: 'release',
  keys: lineKeys,
  args: ['holdId', 'fingerprint', 'keepMs', 'reason'],
  returns: ['OK', 'ALREADY', 'COMMITTED', 'OTHER_LINES'],
  reply: z.union([
    code('OK').transform(() => ({ kind: 'released' as const })),
    already,
    code('COMMITTED').transform(() => ({ kind: 'committed' as const })),
    otherLines,
  ]),
});

const commit = defineStockScript({
  name: 'commit',
  keys: ['epoch', ...lineKeys, 'after...'],
  args: ['holdId', 'fingerprint', 'orderId', 'keepMs', 'epoch', 'lineCount', ...levelArgs],
  returns: ['OK', 'ALREADY', 'OK_NO_HOLD', 'STALE_EPOCH', 'OTHER_LINES'],
  reply: z.union([
    code('OK').transform(() => ({ kind: 'committed' as const })),
    already,
    code('OK_NO_HOLD').transform(() => ({ kind: 'no_hold' as const })),
    staleEpoch,
    otherLines,
  ]),
});

const reconcile = defineStockScript({
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
});

const readLevels = defineStockScript({
  name: 'read-levels',
  keys: ['level...', 'expiries...'],
  args: [],
  returns: ['OK'],
  reply: z
    .tuple([z.literal('OK')], z.tuple([z.string(), z.string(), z.string(), z.string(), whole]))
    .transform(([, ...levels]) =>
      levels.map(([epoch, version, onHand, policy, held]) => ({
        level: epoch
          ? { epoch: Number(epoch), version: Number(version), onHand: Number(onHand), policy: policyCode.parse(policy) }
          : undefined,
        held,
      })),
    ),
});

const epoch = defineLua({
  name: 'epoch',
  keys: ['epoch'],
  args: ['epoch'],
  returns: ['OK'],
  reply: z
    .tuple([z.literal('OK'), whole, z.string(), z.string()])
    .transform(([, inForce, setBy, server]) => ({ epoch: inForce, sameServer: setBy === server })),
});

export const inventoryScripts = { reserve, extend, release, commit, reconcile, readLevels, epoch };

/** Nest injection token of the scripts; tests put broken ones in their place to show that they notice. */
export const INVENTORY_SCRIPTS = Symbol('INVENTORY_SCRIPTS');
export type InventoryScripts = typeof inventoryScripts;
