-- Purpose: gives a reader the entries that are there, and a lease for each missing one: filling it needs the token, and
--   an invalidation deletes the token, so that what was read before a write cannot be stored after it (Nishtala et al.:
--   Scaling Memcache at Facebook, NSDI 2013, section 3.2.1).
-- KEYS
--   entry     the cached entry
--   fence     token of the load that is under way
--   ...
-- ARGV
--   leaseMs   how long a lease lasts
--   token     random token for new leases
--   purpose   fill: a lease where there is no entry; renew: also where there is one; force: also in place of the lease of
--             somebody else who is loading
-- Returns
--   OK        then one word with a letter for each entry: H (it is there), L (leased: nobody else is loading) or S (shared:
--             somebody else is loading as well), then in the order of the keys each entry that is there and the token of
--             each shared lease
-- Invariant: a token is never given out again once its fence is gone.
local lease_ms = tonumber(ARGV[1])
if not lease_ms or lease_ms < 1 or ARGV[2] == '' then
  return redis.error_reply('cache-lease: leaseMs and token are required')
end
local purpose = ARGV[3]
if purpose ~= 'fill' and purpose ~= 'renew' and purpose ~= 'force' then
  return redis.error_reply('cache-lease: purpose is fill, renew or force')
end
local entries, fences = {}, {}
for i = 1, #KEYS, 2 do
  entries[#entries + 1] = KEYS[i]
  fences[#fences + 1] = KEYS[i + 1]
end
local present = purpose == 'fill' and redis.call('MGET', unpack(entries)) or {}
local tokens = purpose == 'force' and {} or redis.call('MGET', unpack(fences))
local states, given = {}, {}
for i = 1, #entries do
  if present[i] then
    states[i] = 'H'
    given[#given + 1] = present[i]
  elseif tokens[i] then
    states[i] = 'S'
    given[#given + 1] = tokens[i]
  else
    states[i] = 'L'
    redis.call('SET', fences[i], ARGV[2], 'PX', lease_ms)
  end
end
return { 'OK', table.concat(states), unpack(given) }
