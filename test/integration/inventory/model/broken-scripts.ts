// Scripts with one fault each. The model-based test must notice every one of them.
import { type InventoryScripts, inventoryScripts } from '../../../../src/inventory/holds/inventory.scripts.js';

export interface Fault {
  readonly name: string;
  readonly script: keyof InventoryScripts;
  readonly from: string;
  readonly to: string;
}

export const faults: readonly Fault[] = [
  {
    name: 'reserve checks only its first line',
    script: 'reserve',
    from: 'elseif left < wanted then',
    to: 'elseif left < wanted and line == 1 then',
  },
  {
    name: 'reserve takes only its first line',
    script: 'reserve',
    from: "if taken[place] and level[LIMIT] ~= 'u' then",
    to: "if taken[place] and level[LIMIT] ~= 'u' and place < 2 then",
  },
  {
    name: 'reserve takes again for a repeated send',
    script: 'reserve',
    from: "if tonumber(existingExpiry) > now then return { 'OK', existingExpiry, detail == hold.lines and '' or detail } end",
    to: '',
  },
  {
    name: 'reserve does not sweep what has expired',
    script: 'reserve',
    from: 'if nextExpiry <= now then',
    to: 'if false then',
  },
  {
    name: 'reserve believes levels of an older epoch',
    script: 'reserve',
    from: 'if level[EPOCH] ~= epoch then',
    to: 'if not level[EPOCH] then',
  },
  {
    name: 'reserve forgets that a hold may expire earlier than the others',
    script: 'reserve',
    from: 'level[NEXT_EXPIRY] <= expiryMs',
    to: 'true',
  },
  {
    name: 'extend may shorten',
    script: 'extend',
    from: "if extended <= expiry then return { 'OK', expiryText } end",
    to: '',
  },
  {
    name: 'release leaves no tombstone',
    script: 'release',
    from: "call('SET', KEYS[1], 'released|'",
    to: "call('SET', KEYS[1] .. ':x', 'released|'",
  },
  {
    name: 'release leaves the quantity held',
    script: 'release',
    from: "call('HINCRBY', KEYS[key], 'h', '-' .. quantity)",
    to: '',
  },
  {
    name: 'commit leaves no tombstone',
    script: 'commit',
    from: "call('SET', KEYS[2], 'committed|'",
    to: "call('SET', KEYS[2] .. ':x', 'committed|'",
  },
  { name: 'commit keeps the hold', script: 'commit', from: 'drop(places, holdId, FIRST_PLACE, lastPlace)', to: '' },
  {
    name: 'commit has no version guard',
    script: 'commit',
    from: 'if currentEpoch == newEpoch and tonumber(current[2]) >= tonumber(version) then return 0 end',
    to: '',
  },
  {
    name: 'commit subtracts instead of setting',
    script: 'commit',
    from: "'v', version, 'n', ARGV[first + 1]",
    to: "'v', version, 'n', math.max(0, (call('HGET', level, 'n') or ARGV[first + 1]) - 1)",
  },
  { name: 'reconcile ignores the epoch', script: 'reconcile', from: 'if inForce ~= epoch then', to: 'if false then' },
];

/** @throws Error when the script has changed so that the fault cannot be put in: then it must be described anew */
export function withFault({ name, script, from, to }: Fault): InventoryScripts {
  const { source } = inventoryScripts[script];
  if (!source.includes(from)) throw new Error(`The fault "${name}" finds nothing to break.`);
  return { ...inventoryScripts, [script]: { ...inventoryScripts[script], source: source.replace(from, () => to) } };
}
