// Scripts with one fault each. The model-based test must notice every one of them.
import { type InventoryScripts, inventoryScripts } from '../../../src/inventory/inventory.scripts.js';

interface Fault {
  readonly name: string;
  readonly script: keyof InventoryScripts;
  readonly from: string;
  readonly to: string;
}

export const faults: readonly Fault[] = [
  {
    name: 'reserve checks only its first line',
    script: 'reserve',
    from: "elseif line[4] == 'd' then",
    to: "elseif line[4] == 'd' and i == 1 then",
  },
  {
    name: 'reserve takes only its first line',
    script: 'reserve',
    from: "if line[4] ~= 'u' then",
    to: "if line[4] ~= 'u' and i < 2 then",
  },
  {
    name: 'reserve takes again for a repeated send',
    script: 'reserve',
    from: "if tonumber(existingExpiry) > now then return { 'OK', existingExpiry } end",
    to: '',
  },
  {
    name: 'reserve does not sweep what has expired',
    script: 'reserve',
    from: 'if line[5] and tonumber(line[5]) <= now then',
    to: 'if false then',
  },
  {
    name: 'reserve believes levels of an older epoch',
    script: 'reserve',
    from: "cold = cold or { 'COLD' }\n      cold[#cold + 1] = i",
    to: "if not line[1] then cold = cold or { 'COLD' }; cold[#cold + 1] = i end",
  },
  {
    name: 'reserve forgets that a hold may expire earlier than the others',
    script: 'reserve',
    from: 'tonumber(line[5]) <= tonumber(expiry)',
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
    from: "call('HSET', level, 'h', (line[3] or 0) - quantity)",
    to: '',
  },
  {
    name: 'commit leaves no tombstone',
    script: 'commit',
    from: "call('SET', KEYS[2], 'committed|'",
    to: "call('SET', KEYS[2] .. ':x', 'committed|'",
  },
  { name: 'commit keeps the hold', script: 'commit', from: 'dropLines(lines, 3, holdId)', to: '' },
  {
    name: 'commit has no version guard',
    script: 'commit',
    from: 'if currentEpoch == newEpoch and tonumber(current[2]) >= tonumber(version) then return 0 end',
    to: '',
  },
  {
    name: 'commit subtracts instead of setting',
    script: 'commit',
    from: "'v', version, 'n', onHand",
    to: "'v', version, 'n', math.max(0, (call('HGET', level, 'n') or onHand) - 1)",
  },
  { name: 'reconcile ignores the epoch', script: 'reconcile', from: 'if inForce ~= epoch then', to: 'if false then' },
];

/** @throws Error when the script has changed so that the fault cannot be put in: then it must be described anew */
export function withFault({ name, script, from, to }: Fault): InventoryScripts {
  const { source } = inventoryScripts[script];
  if (!source.includes(from)) throw new Error(`The fault "${name}" finds nothing to break.`);
  return { ...inventoryScripts, [script]: { ...inventoryScripts[script], source: source.replace(from, () => to) } };
}
