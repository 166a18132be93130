-- Purpose: stores loaded entries whose lease still stands.
-- KEYS
--   entry    the cached entry
--   fence    token of the load that is under way
--   ...
-- ARGV
--   leases   for each entry the token of its lease, how long the entry lives (ms) and how many bytes it has, all separated
--            by blanks
--   entries  the entries, one after the other. One argument for all, since each one costs the client more than its bytes do
-- Returns
--   OK       then one word with a digit for each entry: 1 (stored) or 0 (the lease is gone: nothing was stored)
-- Invariant: an entry is stored only under a lease that began after the last invalidation of its key. A missing fence
--   refuses: whether it expired or was taken away cannot be known.
local fences, tokens, ttls, ends = {}, {}, {}, { [0] = 0 }
for token, ttl_ms, bytes in string.gmatch(ARGV[1], '(%S+) (%d+) (%d+)') do
  if tonumber(ttl_ms) < 1 then return redis.error_reply('cache-fill: an entry must live for at least 1 ms') end
  local i = #tokens + 1
  tokens[i], ttls[i], ends[i] = token, ttl_ms, ends[i - 1] + tonumber(bytes)
  fences[i] = KEYS[2 * i]
end
if #tokens ~= #KEYS / 2 or #ARGV ~= 2 or #ARGV[2] ~= ends[#tokens] then
  return redis.error_reply('cache-fill: each entry needs the token of its lease, its time and its bytes')
end
local standing = redis.call('MGET', unpack(fences))
local stored, used = {}, {}
for i, token in ipairs(tokens) do
  local is_ours = standing[i] == token
  if is_ours then
    redis.call('SET', KEYS[2 * i - 1], string.sub(ARGV[2], ends[i - 1] + 1, ends[i]), 'PX', ttls[i])
    used[#used + 1] = fences[i]
  end
  stored[i] = is_ours and '1' or '0'
end
if #used > 0 then redis.call('DEL', unpack(used)) end
return { 'OK', table.concat(stored) }
