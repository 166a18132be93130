-- Purpose: puts a hold into Redis that was promised elsewhere: in PostgreSQL while Redis was away, or before Redis lost it.
-- KEYS
--   hold         record of the hold
--   level...     per line, with its expiries: the level; each level once
--   expiries...  per line: the level's holds by expiry
-- ARGV
--   holdId
--   fingerprint  of the lines
--   lines        the lines as text, kept with the hold
--   ttlMs        how long the hold lives from now
--   keepMs       how long its record is remembered
--   epoch        the epoch that the caller believes in
--   spanMs       how old the hold will be by its end
--   quantity...  per line, from 1
-- Returns
--   OK           expiry (ms): never earlier than it was
--   COLD         numbers of the lines whose level must be loaded first; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
-- Invariant: a promise is kept whatever is left, so more may be held than there is; a hold that is there counts once.
local record = KEYS[1]
local holdId, fingerprint, keepMs, epoch = ARGV[1], ARGV[2], ARGV[5], ARGV[6]
local now, lines = readLines(2, #ARGV - 7)
local expiry = now + tonumber(ARGV[4])
local isLive = false

local existing = call('GET', record)
if existing then
  local state, existingExpiry, _, existingFingerprint = parseHold(existing)
  if state ~= 'held' then return { 'RESOLVED' } end
  if existingFingerprint ~= fingerprint then return { 'CONFLICT' } end
  if tonumber(existingExpiry) >= expiry then return { 'OK', existingExpiry } end
  isLive = tonumber(existingExpiry) > now
end

local obstacle = findObstacle(lines, 8, epoch)
if obstacle and obstacle[1] ~= 'SHORT' then return obstacle end
local expiryText = toText(expiry)
if isLive then
  for i = 1, #lines do call('ZADD', KEYS[2 * i + 1], 'XX', expiryText, holdId) end
else
  takeLines(lines, 2, 8, holdId, expiryText)
end
call('SET', record, 'held|' .. expiryText .. '|' .. ARGV[7] .. '|' .. fingerprint .. '|' .. ARGV[3], 'PX', keepMs)
return { 'OK', expiryText }
