-- Purpose: reads the clock of the cache, and tells whether it began on this server.
-- KEYS
--   clock  hash: lineage, stamp, floor, markAt, markStamp, run
-- ARGV
-- Returns
--   OK     lineage (empty when there is none, or it was begun on another server), stamp, floor
-- Invariant: a clock that was copied with another server's data is never taken for that server's clock: the copy may
--   lack the last invalidations, and would give out their stamps again.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local clock = redis.call('HMGET', KEYS[1], 'lineage', 'stamp', 'floor', 'run')
if not clock[1] or clock[4] ~= run then return { 'OK', '', '0', '0' } end
return { 'OK', clock[1], clock[2], clock[3] }
