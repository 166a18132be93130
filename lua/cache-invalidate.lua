-- Purpose: deletes an entry together with the lease under which an older value could still be stored.
-- KEYS
--   entry   the cached entry
--   fence   token of the load that is under way
--   ...
-- ARGV
-- Returns
--   OK      and how many entries were there
-- Invariant: what was read before this runs cannot be stored after it.
local dropped = 0
for i = 1, #KEYS, 2 do
  dropped = dropped + redis.call('UNLINK', KEYS[i])
  redis.call('DEL', KEYS[i + 1])
end
return { 'OK', dropped }
