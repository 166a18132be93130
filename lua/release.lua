-- Purpose: gives a hold back.
-- KEYS
--   hold         record of the hold
--   level...     per place of a line, with its expiries: the level; each level once
--   expiries...  per place of a line: the level's holds by expiry
-- ARGV
--   holdId
--   keepMs       how long the tombstone is remembered
--   reason       why, for people
--   unlessHeld   1: only when it is not held now
-- Returns
--   OK           given back; an unknown id is marked as released, so that a late reserve cannot leak
--   ALREADY      it was released before
--   COMMITTED    it has become an order; nothing was written
--   HELD         it is held and unlessHeld was 1; nothing was written
--   OTHER_PLACES the hold's stock by place: call again with those places; nothing was written
-- Invariant: a hold resolves once, and no quantity of a released hold stays behind.
local holdId, keepMs, reason, unlessHeld = unpack(ARGV)
local state, expiry, _, _, held = parseHold(call('GET', KEYS[1]))
if state == 'released' then return { 'ALREADY' } end
if state == 'committed' then return { 'COMMITTED' } end
if state and unlessHeld == '1' and tonumber(expiry) > readLevels(2, #KEYS) then return { 'HELD' } end

if state then
  local places = findPlaces(held, 2, #KEYS)
  if not places then return { 'OTHER_PLACES', held } end
  drop(places, holdId, 2, #KEYS)
end
local now = readLevels(2, #KEYS)
call('SET', KEYS[1], 'released|' .. toText(now) .. '|0||' .. reason, 'PX', keepMs)
return { 'OK' }
