-- Purpose: puts a hold into Redis that was promised elsewhere: in PostgreSQL while Redis was away, or before Redis lost it.
-- KEYS
--   hold         record of the hold
--   level...     per line and place, with its expiries: the level; each level once, as many for each line
--   expiries...  per line and place: the level's holds by expiry
-- ARGV
--   holdId
--   fingerprint  of the lines
--   lines        what the hold's record says when each line is whole at its first place
--   ttlMs        how long the hold lives from now
--   keepMs       how long its record is remembered
--   epoch        the epoch that the caller believes in
--   spanMs       how old the hold will be by its end
--   quantity...  per line, from 1
-- Returns
--   OK           expiry (ms): never earlier than it was
--   COLD         numbers of the lines of which a level must be loaded first; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
--   OTHER_PLACES what the hold has where: call again with those places as well; nothing was written
-- Invariant: a promise is kept whatever is left, so more may be held than there is; a hold that is there counts once.
local record, holdId, fingerprint, lines, keepMs = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[5]
local spanMs = tonumber(ARGV[7])
local now, levels = readLevels(2, #KEYS)
local expiry = now + tonumber(ARGV[4])
local expiryText = toText(expiry)

local function write(span, held)
  call('SET', record, 'held|' .. expiryText .. '|' .. toText(span) .. '|' .. fingerprint .. '|' .. held, 'PX', keepMs)
end

local state, existingText, existingSpan, existingFingerprint, held = parseHold(call('GET', record))
if state then
  if state ~= 'held' then return { 'RESOLVED' } end
  if existingFingerprint ~= fingerprint then return { 'CONFLICT' } end
  local existing = tonumber(existingText)
  if existing >= expiry then return { 'OK', existingText } end
  if existing > now then
    local places = findPlaces(held, 2, #KEYS)
    if not places then return { 'OTHER_PLACES', held } end
    for key = 2, #KEYS, 2 do
      if places[key] then call('ZADD', KEYS[key + 1], 'XX', expiryText, holdId .. ':' .. places[key]) end
    end
    write(math.max(spanMs, expiry - existing + existingSpan), held)
    return { 'OK', expiryText }
  end
end

local lineCount = #ARGV - 7
local taken, outcome = choosePlaces(levels, 8, lineCount, ARGV[6])
if not taken then
  if outcome[1] ~= 'SHORT' then return outcome end
  local perLine = #levels / lineCount
  taken, outcome = {}, true
  for line = 1, lineCount do taken[(line - 1) * perLine + 1] = tonumber(ARGV[line + 7]) end
end
write(spanMs, outcome and lines or describe(levels, taken))
take(levels, taken, holdId, expiryText)
writeTaken(levels, expiryText)
return { 'OK', expiryText }
