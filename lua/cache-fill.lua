-- Purpose: stores what was loaded, if the lease under which it was loaded still stands.
-- KEYS
--   entry    the cached entry
--   fence    token of the load that is under way
--   ...
-- ARGV
--   leases   for each entry the token of its lease and how long the entry lives (ms), all separated by blanks. One
--            argument for all, since each one costs the client more than its bytes do
--   entry    the first entry
--   ...      the same for each further entry
-- Returns
--   OK       then one word with a digit for each entry: 1 (stored) or 0 (the lease is gone: nothing was stored)
-- Invariant: an entry is stored only under a lease that began after the last invalidation of its key. A missing fence
--   refuses: whether it expired or was taken away cannot be known.
local fences, tokens, ttls = {}, {}, {}
for token, ttl_ms in string.gmatch(ARGV[1], '(%S+) (%d+)') do
  if tonumber(ttl_ms) < 1 then return redis.error_reply('cache-fill: an entry must live for at least 1 ms') end
  tokens[#tokens + 1], ttls[#ttls + 1] = token, ttl_ms
  fences[#fences + 1] = KEYS[2 * #tokens]
end
if #tokens ~= #KEYS / 2 or #ARGV ~= #tokens + 1 then
  return redis.error_reply('cache-fill: each entry needs the token of its lease and its time')
end
local standing = redis.call('MGET', unpack(fences))
local stored, used = {}, {}
for i, token in ipairs(tokens) do
  local is_ours = standing[i] == token
  if is_ours then
    redis.call('SET', KEYS[2 * i - 1], ARGV[i + 1], 'PX', ttls[i])
    used[#used + 1] = fences[i]
  end
  stored[i] = is_ours and '1' or '0'
end
if #used > 0 then redis.call('DEL', unpack(used)) end
return { 'OK', table.concat(stored) }
