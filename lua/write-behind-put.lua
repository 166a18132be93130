-- Purpose: writes the next version of a document and queues it for PostgreSQL, in one step.
-- KEYS
--   document         hash: version, document, writeId, epoch; version 0 says that PostgreSQL has none
--   lease            token of a reader that is restoring the document from PostgreSQL
--   writes           stream of documents on their way to PostgreSQL
--   epoch            epoch of the shard
-- ARGV
--   expectedVersion  the version that the caller has read; 0 when there was none
--   isNew            1: the id was made just now, so PostgreSQL cannot have it
--   document         the document as JSON
--   writeId          names this write, so that it can be sent again
--   kind             kind of the document
--   id               id of the document
--   maxDepth         with this many documents waiting, the write is refused
--   epoch            the epoch that the caller believes in
--   firstVersion     versions of this epoch are above it
-- Returns
--   OK               the new version; also when this very write was done before
--   CONFLICT         the version and the document as they are; nothing was written
--   MISSING          redis has no document of this epoch, PostgreSQL may: restore it first; nothing was written
--   FULL             how many documents wait; nothing was written
--   STALE_EPOCH      the epoch that is in force, 0 for none; nothing was written
-- Invariant: versions of a document grow, none is used twice, and each is in the stream before its writer is answered. A
--   document that waits for PostgreSQL has no expiry, so that it is neither evicted nor forgotten.
local expected, max_depth, first_version = tonumber(ARGV[1]), tonumber(ARGV[7]), tonumber(ARGV[9])
if not expected or not max_depth or not first_version or expected < 0 or ARGV[4] == '' then
  return redis.error_reply('write-behind-put: expectedVersion, writeId, maxDepth and firstVersion are required')
end
local in_force = redis.call('HGET', KEYS[4], 'epoch')
if in_force ~= ARGV[8] then return { 'STALE_EPOCH', in_force or '0' } end

local current = redis.call('HMGET', KEYS[1], 'version', 'document', 'writeId', 'epoch')
if current[1] and current[4] == ARGV[8] then
  if current[3] == ARGV[4] then return { 'OK', current[1] } end
  if tonumber(current[1]) ~= expected then return { 'CONFLICT', current[1], current[2] } end
elseif current[1] or expected > 0 or ARGV[2] ~= '1' then
  return { 'MISSING' }
end
local depth = redis.call('XLEN', KEYS[3])
if depth >= max_depth then return { 'FULL', tostring(depth) } end

local version = string.format('%.0f', math.max(expected, first_version) + 1)
redis.call('HSET', KEYS[1], 'version', version, 'document', ARGV[3], 'writeId', ARGV[4], 'epoch', ARGV[8])
redis.call('PERSIST', KEYS[1])
redis.call('DEL', KEYS[2])
redis.call('XADD', KEYS[3], '*', 'kind', ARGV[5], 'id', ARGV[6], 'version', version, 'document', ARGV[3])
return { 'OK', version }
