-- Purpose: stores what was loaded, if the lease under which it was loaded still stands.
-- KEYS
--   entry    the cached entry
--   fence    token of the load that is under way
--   ...
-- ARGV
--   fills    for each entry, one behind the other: length of the token (1 byte), the token of the lease, how long the
--            entry lives (ms, a big-endian double), length of the entry (4 bytes, big-endian), the entry. One argument,
--            since each further one costs the client about as much as the bytes of an entry
-- Returns
--   OK       then one word with a digit for each entry: 1 (stored) or 0 (the lease is gone: nothing was stored)
-- Invariant: an entry is stored only under a lease that began after the last invalidation of its key. A missing fence
--   refuses: whether it expired or was taken away cannot be known.
local fills, fences, at = {}, {}, 1
for i = 1, #KEYS, 2 do
  local fill = { entry = KEYS[i], fence = KEYS[i + 1] }
  fill.token, fill.ttl_ms, fill.bytes, at = struct.unpack('>Bc0dI4c0', ARGV[1], at)
  if not (fill.ttl_ms >= 1) then return redis.error_reply('cache-fill: an entry must live for at least 1 ms') end
  fills[#fills + 1] = fill
  fences[#fences + 1] = fill.fence
end
if at ~= #ARGV[1] + 1 then return redis.error_reply('cache-fill: there are more fills than keys') end
local tokens = redis.call('MGET', unpack(fences))
local stored, used = {}, {}
for i, fill in ipairs(fills) do
  if tokens[i] == fill.token then
    redis.call('SET', fill.entry, fill.bytes, 'PX', fill.ttl_ms)
    used[#used + 1] = fill.fence
    stored[i] = '1'
  else
    stored[i] = '0'
  end
end
if #used > 0 then redis.call('DEL', unpack(used)) end
return { 'OK', table.concat(stored) }
