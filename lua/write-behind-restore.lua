-- Purpose: puts a document back that was read from PostgreSQL, or notes that PostgreSQL has none. A document of an older
--   epoch is compared with it: the newer version of both stays.
-- KEYS
--   document  hash: version, document, writeId, epoch; version 0 says that PostgreSQL has none
--   lease     token of a reader that is restoring the document from PostgreSQL
--   epoch     epoch of the shard
-- ARGV
--   token     the token of the lease
--   version   the version in PostgreSQL; 0 when there is none
--   document  the document as JSON; empty when there is none
--   ttlMs     how long it stays
--   epoch     the epoch that the caller believes in
-- Returns
--   OK           it was put back
--   PRESENT      version and document: somebody else was faster, or redis has a version that PostgreSQL will get
--   LOST         the lease is gone: what was read may be old; nothing was written
--   STALE_EPOCH  the epoch that is in force, 0 for none; nothing was written
-- Invariant: a document is never replaced by an older version of it.
local version, ttl_ms = tonumber(ARGV[2]), tonumber(ARGV[4])
if not version or not ttl_ms or ttl_ms < 1 then
  return redis.error_reply('write-behind-restore: version and ttlMs are required')
end
local in_force = redis.call('HGET', KEYS[3], 'epoch')
if in_force ~= ARGV[5] then return { 'STALE_EPOCH', in_force or '0' } end

local current = redis.call('HMGET', KEYS[1], 'version', 'document', 'epoch')
if current[1] and current[3] == ARGV[5] then return { 'PRESENT', current[1], current[2] } end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return { 'LOST' } end
redis.call('DEL', KEYS[2])
if current[1] and tonumber(current[1]) > version then
  redis.call('HSET', KEYS[1], 'epoch', ARGV[5])
  return { 'PRESENT', current[1], current[2] }
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'document', ARGV[3], 'epoch', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return { 'OK' }
