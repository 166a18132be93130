-- Purpose: brings levels to what PostgreSQL says.
-- KEYS
--   epoch       epoch of the partition
--   level...
-- ARGV
--   epoch       the epoch that the levels belong to
--   version...  per level, with the five below
--   onHand...
--   policy...   d, b or u
--   limit...    the most that may be held: a number, b or u
--   low...      where low stock begins, empty for the shop's own setting
--   sellable... how many of the units on hand orders may take, empty for u
-- Returns
--   OK           per level: 1 when it was applied, 0 when Redis has it as new or newer
--   STALE_EPOCH  the epoch that is in force, 0 for none: read the levels again; nothing was written
-- Invariant: (epoch, version) of a level never decreases; holds are never touched.
local epoch = ARGV[1]
local inForce = call('HGET', KEYS[1], 'epoch')
if inForce ~= epoch then return { 'STALE_EPOCH', inForce or '0' } end

local reply = { 'OK' }
for i = 2, #KEYS do reply[i] = applyLevel(KEYS[i], epoch, 2 + LEVEL_ARGS * (i - 2)) end
return reply
