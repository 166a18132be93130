-- Purpose: extends leases while their loads are under way, or gives them back.
-- KEYS
--   entry    the cached entry; it is not touched
--   fence    token of the load that is under way
--   ...
-- ARGV
--   leaseMs  how long the leases last from now; 0 gives them back
--   token    the token of the lease, for the first entry
--   ...      the same for each further entry
-- Returns
--   OK       and how many leases still stood
-- Invariant: a lease that was taken away is not brought back.
local lease_ms = tonumber(ARGV[1])
if not lease_ms or lease_ms < 0 or #ARGV ~= #KEYS / 2 + 1 then
  return redis.error_reply('cache-keep-lease: leaseMs and a token for each entry are required')
end
local kept = 0
for i = 1, #KEYS, 2 do
  if redis.call('GET', KEYS[i + 1]) == ARGV[(i - 1) / 2 + 2] then
    kept = kept + 1
    if lease_ms == 0 then redis.call('DEL', KEYS[i + 1]) else redis.call('PEXPIRE', KEYS[i + 1], lease_ms) end
  end
end
return { 'OK', kept }
