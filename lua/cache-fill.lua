-- Purpose: stores what was loaded, if the lease under which it was loaded still stands.
-- KEYS
--   entry    the cached entry
--   fence    token of the load that is under way
--   ...
-- ARGV
--   fills    for each entry, one behind the other: the token of the lease, how long the entry lives (ms, as digits),
--            the entry; each after its length (1, 1 and 4 bytes, big-endian). One argument for all, since each one costs
--            the client more than its bytes do
-- Returns
--   OK       then one word with a digit for each entry: 1 (stored) or 0 (the lease is gone: nothing was stored)
-- Invariant: an entry is stored only under a lease that began after the last invalidation of its key. A missing fence
--   refuses: whether it expired or was taken away cannot be known.
local fences, tokens, ttls, entries = {}, {}, {}, {}
local at = 1
for i = 1, #KEYS / 2 do
  fences[i] = KEYS[2 * i]
  tokens[i], ttls[i], entries[i], at = struct.unpack('>Bc0Bc0I4c0', ARGV[1], at)
  if (tonumber(ttls[i]) or 0) < 1 then return redis.error_reply('cache-fill: an entry must live for at least 1 ms') end
end
if at ~= #ARGV[1] + 1 then return redis.error_reply('cache-fill: there are more fills than keys') end
local standing = redis.call('MGET', unpack(fences))
local stored, used = {}, {}
for i, token in ipairs(tokens) do
  local is_ours = standing[i] == token
  if is_ours then
    redis.call('SET', KEYS[2 * i - 1], entries[i], 'PX', ttls[i])
    used[#used + 1] = fences[i]
  end
  stored[i] = is_ours and '1' or '0'
end
if #used > 0 then redis.call('DEL', unpack(used)) end
return { 'OK', table.concat(stored) }
