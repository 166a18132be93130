-- Purpose: writes the next version of a document and queues it for PostgreSQL, in one step.
-- KEYS
--   document         hash: version, document, writeId; version 0 says that PostgreSQL has none
--   lease            token of a reader that is restoring the document from PostgreSQL
--   writes           stream of documents on their way to PostgreSQL
-- ARGV
--   expectedVersion  the version that the caller has read; 0 when there was none
--   isNew            1: the id was made just now, so PostgreSQL cannot have it
--   document         the document as JSON
--   writeId          names this write, so that it can be sent again
--   kind             kind of the document
--   id               id of the document
--   maxDepth         with so many documents waiting, none is taken
-- Returns
--   OK               the new version; also when this very write was done before
--   CONFLICT         the version and the document as they are; nothing was written
--   MISSING          redis does not have the document, PostgreSQL may: restore it first; nothing was written
--   FULL             how many documents wait; nothing was written
-- Invariant: versions of a document grow by one, and each is in the stream before its writer is answered. A document
--   that waits for PostgreSQL has no expiry, so that it is neither evicted nor forgotten.
local expected, max_depth = tonumber(ARGV[1]), tonumber(ARGV[7])
if not expected or not max_depth or expected < 0 or ARGV[4] == '' then
  return redis.error_reply('write-behind-put: expectedVersion, writeId and maxDepth are required')
end
local current = redis.call('HMGET', KEYS[1], 'version', 'document', 'writeId')
if current[1] then
  if current[3] == ARGV[4] then return { 'OK', current[1] } end
  if tonumber(current[1]) ~= expected then return { 'CONFLICT', current[1], current[2] } end
elseif expected > 0 or ARGV[2] ~= '1' then
  return { 'MISSING' }
end
local depth = redis.call('XLEN', KEYS[3])
if depth >= max_depth then return { 'FULL', tostring(depth) } end

local version = string.format('%.0f', expected + 1)
redis.call('HSET', KEYS[1], 'version', version, 'document', ARGV[3], 'writeId', ARGV[4])
redis.call('PERSIST', KEYS[1])
redis.call('DEL', KEYS[2])
redis.call('XADD', KEYS[3], '*', 'kind', ARGV[5], 'id', ARGV[6], 'version', version, 'document', ARGV[3])
return { 'OK', version }
