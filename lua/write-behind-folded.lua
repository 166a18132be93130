-- Purpose: removes documents that PostgreSQL has, folded or as dead letters, from the stream, and lets those expire that
--   have not changed since.
-- KEYS
--   writes        stream of documents on their way to PostgreSQL
--   documents...  hashes of the documents that were folded or given up
-- ARGV
--   group         consumer group of the stream
--   version       the version that was folded or given up, for the first document
--   ttlMs         how long the document stays from now
--   ...           the same two for each further document
--   ids...        entries of the stream that are done
-- Returns
--   OK            and how many entries were taken out
-- Invariant: only a document whose newest version is in PostgreSQL, folded or as a dead letter, gets an expiry.
local documents = #KEYS - 1
if ARGV[1] == '' or #ARGV < 1 + 2 * documents then
  return redis.error_reply('write-behind-folded: group, and version and ttlMs for each document are required')
end
for i = 1, documents do
  if not tonumber(ARGV[2 * i + 1]) then return redis.error_reply('write-behind-folded: ttlMs must be a number') end
end
for i = 1, documents do
  if redis.call('HGET', KEYS[i + 1], 'version') == ARGV[2 * i] then
    redis.call('PEXPIRE', KEYS[i + 1], ARGV[2 * i + 1])
  end
end
local done = 0
for i = 2 + 2 * documents, #ARGV do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  done = done + redis.call('XDEL', KEYS[1], ARGV[i])
end
return { 'OK', done }
