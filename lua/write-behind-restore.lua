-- Purpose: puts a document back that was read from PostgreSQL, or notes that PostgreSQL has none.
-- KEYS
--   document  hash: version, document, writeId; version 0 says that PostgreSQL has none
--   lease     token of a reader that is restoring the document from PostgreSQL
-- ARGV
--   token     the token of the lease
--   version   the version in PostgreSQL; 0 when there is none
--   document  the document as JSON; empty when there is none
--   ttlMs     how long it stays
-- Returns
--   OK        it was put back
--   PRESENT   version and document: somebody else was faster
--   LOST      the lease is gone: what was read may be old; nothing was written
-- Invariant: a document is never replaced by an older version of it.
local version, ttl_ms = tonumber(ARGV[2]), tonumber(ARGV[4])
if not version or not ttl_ms or ttl_ms < 1 then
  return redis.error_reply('write-behind-restore: version and ttlMs are required')
end
local current = redis.call('HMGET', KEYS[1], 'version', 'document')
if current[1] then return { 'PRESENT', current[1], current[2] } end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return { 'LOST' } end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'document', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('DEL', KEYS[2])
return { 'OK' }
