-- Purpose: gives a reader that found no document of this epoch a lease under which it may restore it from PostgreSQL.
-- KEYS
--   document  hash: version, document, writeId, epoch; version 0 says that PostgreSQL has none
--   lease     token of a reader that is restoring the document from PostgreSQL
--   epoch     epoch of the shard
-- ARGV
--   token     random token for a new lease
--   leaseMs   how long it lasts
--   epoch     the epoch that the caller believes in
-- Returns
--   PRESENT      version and document: it is there
--   LEASED       the token, perhaps one that another reader has as well
--   STALE_EPOCH  the epoch that is in force, 0 for none
-- Invariant: a token is never given out again once the document was written or restored.
local lease_ms = tonumber(ARGV[2])
if ARGV[1] == '' or not lease_ms or lease_ms < 1 then
  return redis.error_reply('write-behind-lease: token and leaseMs are required')
end
local in_force = redis.call('HGET', KEYS[3], 'epoch')
if in_force ~= ARGV[3] then return { 'STALE_EPOCH', in_force or '0' } end

local current = redis.call('HMGET', KEYS[1], 'version', 'document', 'epoch')
if current[1] and current[3] == ARGV[3] then return { 'PRESENT', current[1], current[2] } end
local token = redis.call('GET', KEYS[2])
if not token then
  token = ARGV[1]
  redis.call('SET', KEYS[2], token, 'PX', lease_ms)
end
return { 'LEASED', token }
