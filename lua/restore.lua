-- Purpose: puts a promised hold into Redis: one taken in PostgreSQL while Redis was away, or one that Redis has lost.
-- KEYS
--   hold         record of the hold
--   level...     per line and place, with its expiries: the level; each level once, equally many per line
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
--   COLD         numbers of the lines that need a level loaded first; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
--   OTHER_PLACES the hold's stock by place: call again with those places as well; nothing was written
-- Invariant: a promise is kept whatever is left, so more may be held than there is; a hold that is there counts once.
local record, FIRST_LEVEL = KEYS[1], 2
local holdId, fingerprint, lines, ttlMs, keepMs, epoch, spanMs = unpack(ARGV, 1, 7)
local FIRST_QUANTITY = 8
local now, levels = readLevels(FIRST_LEVEL, #KEYS)
local expiryMs = now + ttlMs
local expiry = toText(expiryMs)

local function write(span, held)
  call('SET', record, 'held|' .. expiry .. '|' .. toText(span) .. '|' .. fingerprint .. '|' .. held, 'PX', keepMs)
end

local state, existingText, existingSpan, existingFingerprint, held = parseHold(call('GET', record))
if state then
  if state ~= 'held' then return { 'RESOLVED' } end
  if existingFingerprint ~= fingerprint then return { 'CONFLICT' } end
  local existing = tonumber(existingText)
  if existing >= expiryMs then return { 'OK', existingText } end
  if existing > now then
    if not prolong(holdId, held, expiry, FIRST_LEVEL, #KEYS) then return { 'OTHER_PLACES', held } end
    write(math.max(spanMs, expiryMs - existing + existingSpan), held)
    return { 'OK', expiry }
  end
end

local lineCount = #ARGV - FIRST_QUANTITY + 1
local taken, isFirstChoice, refusal = choosePlaces(levels, FIRST_QUANTITY, lineCount, epoch)
if refusal then
  if refusal[1] ~= 'SHORT' then return refusal end
  local perLine = #levels / lineCount
  taken, isFirstChoice = {}, true
  for line = 1, lineCount do taken[(line - 1) * perLine + 1] = tonumber(ARGV[FIRST_QUANTITY + line - 1]) end
end
write(spanMs, isFirstChoice and lines or describe(levels, taken))
take(levels, taken, holdId, expiry)
writeTaken(levels, expiryMs, expiry)
return { 'OK', expiry }
