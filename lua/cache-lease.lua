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
--   OK        then one word with a letter for each entry: H (it is there now: read it), L (leased: nobody else is
--             loading) or S (shared: somebody else is loading as well), then the tokens of the shared ones
-- Invariant: a token is never given out again once its fence is gone.
local lease_ms = tonumber(ARGV[1])
if not lease_ms or lease_ms < 1 or ARGV[2] == '' then
  return redis.error_reply('cache-lease: leaseMs and token are required')
end
local entries, fences = {}, {}
for i = 1, #KEYS, 2 do
  entries[#entries + 1] = KEYS[i]
  fences[#fences + 1] = KEYS[i + 1]
end
-- One look at all of them: as a rule none is there, which is why leases are asked for.
local may_be_there = ARGV[3] ~= '1' and redis.call('EXISTS', unpack(entries)) > 0
local tokens = redis.call('MGET', unpack(fences))
local states, shared = {}, {}
for i = 1, #entries do
  if may_be_there and redis.call('EXISTS', entries[i]) == 1 then
    states[i] = 'H'
  elseif tokens[i] then
    states[i] = 'S'
    shared[#shared + 1] = tokens[i]
  else
    states[i] = 'L'
    redis.call('SET', fences[i], ARGV[2], 'PX', lease_ms)
  end
end
return { 'OK', table.concat(states), unpack(shared) }
