-- Purpose: drops a hold that has become an order in PostgreSQL, and brings the levels up to date.
-- KEYS
--   epoch        epoch of the partition
--   hold         record of the hold
--   level...     per place of a line of the hold, with its expiries: the level; each level once
--   expiries...  per place of a line of the hold: the level's holds by expiry
--   after...     levels that the order changed
-- ARGV
--   holdId
--   orderId
--   keepMs       how long the tombstone is remembered
--   epoch        the epoch that the levels belong to
--   placeCount   how many places the hold's lines have
--   version...   per changed level, with the five below
--   onHand...
--   policy...    d, b or u
--   limit...     the most that may be held: a number, b or u
--   low...       where low stock begins, empty for the shop's own setting
--   sellable...  how many of the units on hand orders may take, empty for u
-- Returns
--   OK           the hold is dropped
--   ALREADY      it was committed before
--   OK_NO_HOLD   there was none, or it had been released
--   STALE_EPOCH  the epoch that is in force, 0 for none: read the levels again; nothing was written
--   OTHER_PLACES the hold's stock by place: call again with those places; nothing was written
-- Invariant: each level takes the newest (epoch, version), never a difference, so that any order and any repetition of
--            commit and reconcile ends in the same state.
local holdId, orderId, keepMs, epoch, placeCount = unpack(ARGV, 1, 5)
local FIRST_PLACE, FIRST_LEVEL_ARG = 3, 6
local lastPlace = FIRST_PLACE - 1 + 2 * placeCount
local inForce = call('HGET', KEYS[1], 'epoch')
if inForce ~= epoch then return { 'STALE_EPOCH', inForce or '0' } end

local state, _, _, _, held = parseHold(call('GET', KEYS[2]))
if state == 'held' then
  local places = findPlaces(held, FIRST_PLACE, lastPlace)
  if not places then return { 'OTHER_PLACES', held } end
  drop(places, holdId, FIRST_PLACE, lastPlace)
end
local now = readLevels(FIRST_PLACE, lastPlace)
for i = lastPlace + 1, #KEYS do applyLevel(KEYS[i], epoch, FIRST_LEVEL_ARG + LEVEL_ARGS * (i - lastPlace - 1)) end

if state == 'committed' then return { 'ALREADY' } end
if state == 'released' then return { 'OK_NO_HOLD' } end
call('SET', KEYS[2], 'committed|' .. toText(now) .. '|0||' .. orderId, 'PX', keepMs)
return { state and 'OK' or 'OK_NO_HOLD' }
