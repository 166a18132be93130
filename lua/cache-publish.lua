-- Purpose: stamps an invalidation on the logical clock: its tags are void from here on, and every process is told.
-- KEYS
--   clock          hash: lineage, stamp, floor, markAt, markStamp, run (the server's run id when it began)
--   tagStamps      sorted set: tag → stamp of its last invalidation, and the lineage as a member that sorts last
--   invalidations  stream of messages, in the order of their stamps
-- ARGV
--   newLineage     random name for a new space, should this one have lost anything
--   source         the process that invalidates
--   message        what is void, as JSON, for the other processes
--   streamLength   about how many messages are kept
--   markerLifeMs   how long stamps of tags are kept at least: longer than any entry lives
--   maxMarkers     most stamps that are kept; the oldest go first
--   tags...        tags that become void
-- Returns
--   OK             lineage, stamp
-- Invariant: messages of one lineage carry consecutive stamps, so a reader notices that it has missed one. Run twice, it
--   makes the same things void again.
local stream_length, marker_life_ms, max_markers = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if ARGV[1] == '' or not stream_length or not marker_life_ms or not max_markers or max_markers < 1 then
  return redis.error_reply('cache-publish: newLineage, streamLength, markerLifeMs and maxMarkers are required')
end
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local space = redis.call('HMGET', KEYS[1], 'lineage', 'markAt', 'markStamp', 'run')
local lineage = space[1]
if not lineage or space[4] ~= run or not redis.call('ZSCORE', KEYS[2], '#lineage:' .. lineage) then
  lineage = ARGV[1]
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'lineage', lineage, 'stamp', 0, 'floor', 0, 'run', run)
  redis.call('ZADD', KEYS[2], '+inf', '#lineage:' .. lineage)
  space = { lineage, false, false }
end

local stamp = redis.call('HINCRBY', KEYS[1], 'stamp', 1)
for i = 7, #ARGV do
  redis.call('ZADD', KEYS[2], stamp, ARGV[i])
end

-- Stamps up to the mark are as old as the mark or older: once it is older than any entry lives, they say nothing any more.
if not space[2] then
  redis.call('HSET', KEYS[1], 'markAt', now_ms, 'markStamp', stamp)
elseif now_ms - tonumber(space[2]) > marker_life_ms then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', space[3])
  redis.call('HSET', KEYS[1], 'markAt', now_ms, 'markStamp', stamp)
  if tonumber(space[3]) > tonumber(redis.call('HGET', KEYS[1], 'floor')) then
    redis.call('HSET', KEYS[1], 'floor', space[3])
  end
end
local excess = redis.call('ZCARD', KEYS[2]) - 1 - max_markers
if excess > 0 then
  local cut = redis.call('ZRANGE', KEYS[2], excess - 1, excess - 1, 'WITHSCORES')[2]
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', cut)
  redis.call('HSET', KEYS[1], 'floor', cut)
end

redis.call('XADD', KEYS[3], 'MAXLEN', '~', stream_length, '*',
  'lineage', lineage, 'stamp', stamp, 'source', ARGV[2], 'message', ARGV[3])
return { 'OK', lineage, stamp }
