-- Purpose: tells which epoch is in force and whether this server is the one it was set on; sets a newer one.
-- KEYS
--   epoch  hash: epoch, run (the server's run id when it was set)
-- ARGV
--   epoch  the epoch to set with this server's run id, if none or an older one is in force; 0 only reads
-- Returns
--   OK     the epoch in force (0 for none), the run id it was set with (empty for none), the run id of this server
-- Invariant: the epoch of a partition never decreases while the key lives.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local current = redis.call('HMGET', KEYS[1], 'epoch', 'run')
local epoch, setBy = current[1] or '0', current[2] or ''

if tonumber(ARGV[1]) > tonumber(epoch) then
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'run', run)
  return { 'OK', ARGV[1], run, run }
end
return { 'OK', epoch, setBy, run }
