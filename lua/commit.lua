-- Purpose: a hold has become an order in PostgreSQL: drops the hold and brings the levels to what they are since then.
-- KEYS
--   epoch        epoch of the partition
--   hold         record of the hold
--   level...     per line of the hold, with its expiries: the level; each level once
--   expiries...  per line of the hold: the level's holds by expiry
--   after...     levels that the order changed
-- ARGV
--   holdId
--   fingerprint  of the hold's lines
--   orderId
--   keepMs       how long the tombstone is remembered
--   epoch        the epoch that the levels belong to
--   lineCount    how many lines the hold has
--   version...   per changed level, with the two below
--   onHand...
--   policy...    d, b or u
-- Returns
--   OK           the hold is dropped
--   ALREADY      it was committed before
--   OK_NO_HOLD   there was none, or it had been released
--   STALE_EPOCH  the epoch that is in force, 0 for none: read the levels again; nothing was written
--   OTHER_LINES  the hold has other lines, which follow as text: call again with those; nothing was written
-- Invariant: each level takes the newest (epoch, version), never a difference, so that any order and any repetition of
--            commit and reconcile ends in the same state.
local holdId, fingerprint, epoch = ARGV[1], ARGV[2], ARGV[5]
local count = tonumber(ARGV[6])
local inForce = call('HGET', KEYS[1], 'epoch')
if inForce ~= epoch then return { 'STALE_EPOCH', inForce or '0' } end

local existing = call('GET', KEYS[2])
local state, existingFingerprint, detail, _
if existing then
  state, _, _, existingFingerprint, detail = parseHold(existing)
  if state == 'held' and existingFingerprint ~= fingerprint then return { 'OTHER_LINES', detail } end
end

local now, lines = readLines(3, count)
dropLines(lines, 3, holdId)
local after = 2 + 2 * count
for i = 1, #KEYS - after do
  local first = 3 * i + 4
  applyLevel(KEYS[after + i], epoch, ARGV[first], ARGV[first + 1], ARGV[first + 2])
end

if state == 'committed' then return { 'ALREADY' } end
if state == 'released' then return { 'OK_NO_HOLD' } end
call('SET', KEYS[2], 'committed|' .. toText(now) .. '|0|' .. fingerprint .. '|' .. ARGV[3], 'PX', ARGV[4])
return { state and 'OK' or 'OK_NO_HOLD' }
