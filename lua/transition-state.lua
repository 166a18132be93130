-- Purpose: shows a checkout session as PostgreSQL has decided it. PostgreSQL compares and moves sessions; this copy is
--   for reading, and may be written late, twice or not at all.
-- KEYS
--   session   hash: version, state, document, source
-- ARGV
--   version   the version of the document
--   state     its state
--   document  the session as JSON
--   source    run id of this server and shape of the document: a copy from another run may be older than what was
--             acknowledged, one of another shape was written by another release; neither is read
--   ttlMs     how long the copy lives from now
-- Returns
--   OK        written, or this version was there already
--   OLDER     a newer version is there: nothing was written
-- Invariant: the version never decreases while the key lives.
local version = tonumber(ARGV[1])
if not version then return redis.error_reply('transition-state: version must be a number') end
local current = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if current > version then return { 'OLDER' } end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'state', ARGV[2], 'document', ARGV[3], 'source', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return { 'OK' }
