-- Purpose: moves a checkout session to its next state, if it still is what the caller has read.
-- KEYS
--   session   hash: version, state, document
-- ARGV
--   version   the version that was read; 0 when there is none yet; -1 for any that is older than newVersion: Redis came
--     back with an older state than PostgreSQL kept
--   state     the state that was read; empty when there is none yet
--   newVersion  the version to move to: one more, or what PostgreSQL kept when Redis has lost the session
--   newState  the state to move to
--   document  the session as JSON
--   ttlMs     how long the session lives from now
-- Returns
--   OK        moved; also when this very document was written before (a repeated send)
--   CONFLICT  version, state and document as they are now; nothing was written
--   MISSING   there is no such session although one was read; nothing was written
-- Invariant: the version only grows, and a move is seen by everyone or by nobody.
local current = redis.call('HMGET', KEYS[1], 'version', 'state', 'document')
local version = tonumber(ARGV[1])

if version == -1 then
  if current[1] and tonumber(current[1]) >= tonumber(ARGV[3]) then return { 'OK' } end
elseif not current[1] then
  if version > 0 then return { 'MISSING' } end
elseif current[1] == ARGV[3] and current[3] == ARGV[5] then
  return { 'OK' }
elseif tonumber(current[1]) ~= version or current[2] ~= ARGV[2] then
  return { 'CONFLICT', current[1], current[2], current[3] }
end

redis.call('HSET', KEYS[1], 'version', ARGV[3], 'state', ARGV[4], 'document', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return { 'OK' }
