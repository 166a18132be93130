-- Purpose: gives a hold back.
-- KEYS
--   hold         record of the hold
--   level...     per line, with its expiries: the level; each level once
--   expiries...  per line: the level's holds by expiry
-- ARGV
--   holdId
--   fingerprint  of the lines
--   keepMs       how long the tombstone is remembered
--   reason       why, for people
-- Returns
--   OK           given back; an unknown id is given back ahead, so that a late reserve cannot leak
--   ALREADY      it was released before
--   COMMITTED    it has become an order; nothing was written
--   OTHER_LINES  the hold has other lines, which follow as text: call again with those; nothing was written
-- Invariant: a hold resolves once, and no quantity of a released hold stays behind.
local holdId, fingerprint = ARGV[1], ARGV[2]
local existing = call('GET', KEYS[1])
if existing then
  local state, _, _, existingFingerprint, detail = parseHold(existing)
  if state == 'released' then return { 'ALREADY' } end
  if state == 'committed' then return { 'COMMITTED' } end
  if existingFingerprint ~= fingerprint then return { 'OTHER_LINES', detail } end
end

local now, lines = readLines(2, (#KEYS - 1) / 2)
dropLines(lines, 2, holdId)
call('SET', KEYS[1], 'released|' .. toText(now) .. '|0|' .. fingerprint .. '|' .. ARGV[4], 'PX', ARGV[3])
return { 'OK' }
