-- Purpose: gives the holder of a lock its fencing token. A later holder gets a greater one, so a store that remembers the
--   greatest token it has seen refuses the writes of a holder that has lost the lock.
-- KEYS
--   lock     the value of the holder
--   fence    the last token that was given out
-- ARGV
--   value    the value under which the caller took the lock
-- Returns
--   OK       the token, as decimal text
--   LOST     the caller does not hold the lock any more
-- Invariant: tokens of a lock grow, even when the server has lost the last one: they are never below the server's time in
--   microseconds. Only the holder gets one, so a late caller cannot overtake a later holder.
if ARGV[1] == '' then return redis.error_reply('lock-fence: value is required') end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 'LOST', '0' } end
local time = redis.call('TIME')
local token = math.max(time[1] * 1000000 + time[2], tonumber(redis.call('GET', KEYS[2]) or '0') + 1)
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text)
return { 'OK', text }
