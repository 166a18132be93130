-- Purpose: makes entries whose body has not changed count as loaded now, without sending the body again.
-- KEYS
--   entry     the cached entry
--   fence     token of the load that is under way
--   ...
-- ARGV
--   token     the token of the lease, for the first entry
--   ttlMs     how long the entry lives
--   identity  what bytes 2 to 25 of the entry must be: checksum and shape of its body, and where the body begins
--   head      what is written from byte 26 up to the body
--   ...       the same four for each further entry
-- Returns
--   OK        then for each entry 1 (renewed) or 0 (nothing was written: the lease is gone, or it is another body)
-- Invariant: an entry is renewed only under a lease that began after the last invalidation of its key, and its body
--   stays as it is.
if #ARGV ~= #KEYS * 2 then
  return redis.error_reply('cache-renew: each entry needs token, ttlMs, identity and head')
end
local reply = { 'OK' }
for i = 1, #KEYS, 2 do
  local arg = (i - 1) * 2
  local token, ttl_ms, identity, head = ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4]
  local is_same = redis.call('GET', KEYS[i + 1]) == token
    and redis.call('GETRANGE', KEYS[i], 0, 0) == '3'
    and redis.call('GETRANGE', KEYS[i], 2, 25) == identity
  if is_same then
    redis.call('SETRANGE', KEYS[i], 26, head)
    redis.call('PEXPIRE', KEYS[i], ttl_ms)
    redis.call('DEL', KEYS[i + 1])
  end
  reply[#reply + 1] = is_same and 1 or 0
end
return reply
