-- Purpose: writes copies of checkout sessions, for readers. PostgreSQL compares and moves the sessions; what it has decided
--   may be copied late, twice or not at all.
-- KEYS
--   session...   per session a hash: version, state, document, source
-- ARGV
--   source       run id of this server and shape of the documents: a copy from another run may be older than what was
--                acknowledged, one of another shape was written by another release; neither is read
--   ttlMs        how long the copies live from now
--   version...   per session, with the two below: the version of the document
--   state...     its state
--   document...  the session as JSON
-- Returns
--   OK           (a word for each session, in their order) written, or this version was there already
--   OLDER        a newer version is there: nothing was written
-- Invariant: the version of a session never decreases while its key lives.
local source, ttlMs = ARGV[1], ARGV[2]
for i = 1, #KEYS do
  if not tonumber(ARGV[3 * i]) then return redis.error_reply('transition-state: version must be a number') end
end
local outcomes = {}
for i, session in ipairs(KEYS) do
  local version, state, document = ARGV[3 * i], ARGV[3 * i + 1], ARGV[3 * i + 2]
  local current = tonumber(redis.call('HGET', session, 'version') or '0')
  if current > tonumber(version) then
    outcomes[i] = 'OLDER'
  else
    redis.call('HSET', session, 'version', version, 'state', state, 'document', document, 'source', source)
    redis.call('PEXPIRE', session, ttlMs)
    outcomes[i] = 'OK'
  end
end
return outcomes
