-- Purpose: lets a hold live longer; one that has lapsed or is not known any more is taken again, whole or not at all.
-- KEYS
--   hold         record of the hold
--   level...     per line and place, with its expiries: the level; each level once, as many for each line
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
--   COLD         numbers of the lines of which a level must be loaded first; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
--   OTHER_PLACES what the hold has where: call again with those places as well; nothing was written
-- Invariant: a hold never ends earlier because of an extension; a lapsed one comes back with all its lines or none.
local record, holdId, fingerprint, lines, ttlMs, keepMs = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local maxTotalMs = tonumber(ARGV[7])
local now, levels = readLevels(2, #KEYS)

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
    local places = findPlaces(held, 2, #KEYS)
    if not places then return { 'OTHER_PLACES', held } end
    local extendedText = toText(extended)
    for key = 2, #KEYS, 2 do
      if places[key] then call('ZADD', KEYS[key + 1], 'XX', extendedText, holdId .. ':' .. places[key]) end
    end
    write(extendedText, extended - takenAt, held)
    return { 'OK', extendedText }
  end
end

local taken, outcome = choosePlaces(levels, 8, #ARGV - 7, ARGV[6])
if not taken then
  if outcome[1] == 'SHORT' then outcome[1] = 'EXPIRED' end
  return outcome
end
local spanMs = math.min(ttlMs, maxTotalMs)
local expiry = toText(now + spanMs)
write(expiry, spanMs, outcome and lines or describe(levels, taken))
take(levels, taken, holdId, expiry)
writeTaken(levels, expiry)
return { 'REACQUIRED', expiry }
