-- Purpose: reads where the space of cache stamps stands, and begins a new one when the old one has lost anything:
--   eviction, a flush, a restart or a replica that lagged behind loses stamps, and entries compared with the rest
--   could be served stale.
-- KEYS
--   clock          hash: lineage, stamp, floor, markAt, markStamp, run (the server's run id when it began)
--   tagStamps      sorted set: tag → stamp of its last invalidation, and the lineage as a member that sorts last
--   invalidations  stream of messages, in the order of their stamps
-- ARGV
--   newLineage   random name for a new space
--   seenLineage  the lineage that the caller has seen; empty when none
--   seenStamp    the highest stamp that the caller has seen in it
-- Returns
--   OK           lineage, stamp, floor, id of the last message ("0-0" when there is none)
-- Invariant: within one lineage the stamp never decreases and no stamp above the floor is forgotten.
local seen_stamp = tonumber(ARGV[3])
if ARGV[1] == '' or not seen_stamp then
  return redis.error_reply('cache-clock: newLineage and seenStamp are required')
end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local space = redis.call('HMGET', KEYS[1], 'lineage', 'stamp', 'floor', 'run')
local whole = space[1] and space[4] == run and redis.call('ZSCORE', KEYS[2], '#lineage:' .. space[1])
if not whole or (space[1] == ARGV[2] and tonumber(space[2]) < seen_stamp) then
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'lineage', ARGV[1], 'stamp', 0, 'floor', 0, 'run', run)
  redis.call('ZADD', KEYS[2], '+inf', '#lineage:' .. ARGV[1])
  space = { ARGV[1], '0', '0' }
end
local last = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)
return { 'OK', space[1], space[2], space[3], last[1] and last[1][1] or '0-0' }
