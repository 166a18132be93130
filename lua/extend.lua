-- Purpose: lets a hold live longer; one that has lapsed or is not known any more is taken again, whole or not at all.
-- KEYS
--   hold         record of the hold
--   level...     per line and place, with its expiries: the level; each level once, equally many per line
--   expiries...  per line and place: the level's holds by expiry
-- ARGV
--   holdId
--   fingerprint  of the lines
--   lines        what the hold's record says when each line is whole at its first place
--   ttlMs        how long the hold shall live from now
--   keepMs       how long its record is remembered
--   epoch        the epoch that the caller believes in
--   maxTotalMs   how long a hold may live in all, since it was taken or taken again
--   quantity...  per line, from 1
-- Returns
--   OK           expiry (ms): never earlier than it was, and not beyond maxTotalMs
--   REACQUIRED   expiry (ms) of the hold that was taken again
--   EXPIRED      lapsed, and cannot be taken again; per short line: its number from 1, and how many are left
--   COLD         numbers of the lines that need a level loaded first; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
--   OTHER_PLACES the hold's stock by place: call again with those places as well; nothing was written
-- Invariant: a hold never ends earlier because of an extension; a lapsed one comes back with all its lines or none.
local record, FIRST_LEVEL = KEYS[1], 2
local holdId, fingerprint, lines, ttlMs, keepMs, epoch, maxTotalMs = unpack(ARGV, 1, 7)
local FIRST_QUANTITY = 8
local now, levels = readLevels(FIRST_LEVEL, #KEYS)

local function write(expiry, spanMs, held)
  call('SET', record, 'held|' .. expiry .. '|' .. toText(spanMs) .. '|' .. fingerprint .. '|' .. held, 'PX', keepMs)
end

local state, expiryText, span, existingFingerprint, held = parseHold(call('GET', record))
if state then
  if state ~= 'held' then return { 'RESOLVED' } end
  if existingFingerprint ~= fingerprint then return { 'CONFLICT' } end
  local expiry = tonumber(expiryText)
  if expiry > now then
    local takenAt = expiry - span
    local extended = math.min(now + ttlMs, takenAt + maxTotalMs)
    if extended <= expiry then return { 'OK', expiryText } end
    local extendedText = toText(extended)
    if not prolong(holdId, held, extendedText, FIRST_LEVEL, #KEYS) then return { 'OTHER_PLACES', held } end
    write(extendedText, extended - takenAt, held)
    return { 'OK', extendedText }
  end
end

local taken, isFirstChoice, refusal = choosePlaces(levels, FIRST_QUANTITY, #ARGV - FIRST_QUANTITY + 1, epoch)
if refusal then
  if refusal[1] == 'SHORT' then refusal[1] = 'EXPIRED' end
  return refusal
end
local spanMs = math.min(ttlMs, maxTotalMs)
local expiryMs = now + spanMs
local expiry = toText(expiryMs)
write(expiry, spanMs, isFirstChoice and lines or describe(levels, taken))
take(levels, taken, holdId, expiry)
writeTaken(levels, expiryMs, expiry)
return { 'REACQUIRED', expiry }
