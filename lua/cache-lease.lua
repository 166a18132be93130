-- Purpose: gives a reader that missed a lease for each key: filling the entry needs its token, and an invalidation
--   takes the token away, so that what was read before a write cannot be stored after it (Nishtala et al.: Scaling
--   Memcache at Facebook, NSDI 2013, section 3.2.1).
-- KEYS
--   entry     the cached entry
--   fence     token of the load that is under way
--   ...
-- ARGV
--   leaseMs   how long a lease lasts
--   token     random token for new leases
--   refresh   1: give a lease although there is an entry
-- Returns
--   OK        then for each entry two words: HIT and "" (it is there now: read it), LEASED and the token (nobody else is
--             loading), or SHARED and the token (somebody else is loading as well)
-- Invariant: a token is never given out again once its fence is gone.
local lease_ms = tonumber(ARGV[1])
if not lease_ms or lease_ms < 1 or ARGV[2] == '' then
  return redis.error_reply('cache-lease: leaseMs and token are required')
end
local reply = { 'OK' }
for i = 1, #KEYS, 2 do
  local state, token = 'HIT', ''
  if ARGV[3] == '1' or redis.call('EXISTS', KEYS[i]) == 0 then
    token = redis.call('GET', KEYS[i + 1])
    state = 'SHARED'
    if not token then
      state, token = 'LEASED', ARGV[2]
      redis.call('SET', KEYS[i + 1], token, 'PX', lease_ms)
    end
  end
  reply[#reply + 1] = state
  reply[#reply + 1] = token
end
return reply
