// Faults that only show when several holds come in one call.
import type { Fault } from '../model/broken-scripts.js';

export const callFaults: readonly Fault[] = [
  {
    name: 'what a refused hold could have had is missing for the next one',
    script: 'reserve',
    from: "short = short or { 'SHORT' }",
    to: "short = short or { 'SHORT' } for place, some in pairs(taken) do levels[place][HELD] = levels[place][HELD] + some end",
  },
  {
    name: 'a refused hold is written when the next one is taken',
    script: 'reserve',
    from: '  if refusal then return refusal end',
    to: "  if refusal then\n    if refusal[1] == 'SHORT' then take(hold.levels, { 1 }, hold.id, expiry) end\n    return refusal\n  end",
  },
  {
    name: 'a refusal ends the call',
    script: 'reserve',
    from: 'for i, hold in ipairs(holds) do replies[i] = decide(hold) end',
    to: "for i, hold in ipairs(holds) do replies[i] = i > 1 and replies[i - 1][1] ~= 'OK' and replies[i - 1] or decide(hold) end",
  },
  {
    name: 'each hold has a copy of the level of its own',
    script: 'reserve',
    from: 'if not level then\n      level = readLevel(place)',
    to: 'if true then\n      level = readLevel(place)',
  },
  {
    name: 'a hold that comes twice in a call is taken twice',
    script: 'reserve',
    from: 'parseHold(records[hold.record])',
    to: 'parseHold(#replies == 0 and records[hold.record])',
  },
  {
    name: 'holds after the first are not written to their levels',
    script: 'reserve',
    from: "call('ZADD', KEYS[key + 1], unpack(members))",
    to: "call('ZADD', KEYS[key + 1], members[1], members[2])",
  },
];
