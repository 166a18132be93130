-- Purpose: stores what was loaded, if the lease under which it was loaded still stands.
-- KEYS
--   entry    the cached entry
--   fence    token of the load that is under way
--   ...
-- ARGV
--   token    the token of the lease, for the first entry
--   ttlMs    how long the entry lives
--   bytes    the entry
--   ...      the same three for each further entry
-- Returns
--   OK       then for each entry 1 (stored) or 0 (the lease is gone: nothing was stored)
-- Invariant: an entry is stored only under a lease that began after the last invalidation of its key. A missing fence
--   refuses: whether it expired or was taken away cannot be known.
if #ARGV ~= #KEYS / 2 * 3 then
  return redis.error_reply('cache-fill: each entry needs token, ttlMs and bytes')
end
for i = 1, #KEYS, 2 do
  local ttl_ms = tonumber(ARGV[(i - 1) / 2 * 3 + 2])
  if not ttl_ms or ttl_ms < 1 then return redis.error_reply('cache-fill: ttlMs must be positive') end
end
local reply = { 'OK' }
for i = 1, #KEYS, 2 do
  local arg = (i - 1) / 2 * 3
  if redis.call('GET', KEYS[i + 1]) == ARGV[arg + 1] then
    redis.call('SET', KEYS[i], ARGV[arg + 3], 'PX', ARGV[arg + 2])
    redis.call('DEL', KEYS[i + 1])
    reply[#reply + 1] = 1
  else
    reply[#reply + 1] = 0
  end
end
return reply
