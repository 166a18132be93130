-- Purpose: lets a hold live longer; one that has lapsed or is not known any more is taken again, whole or not at all.
-- KEYS
--   hold         record of the hold
--   level...     per line, with its expiries: the level; each level once
--   expiries...  per line: the level's holds by expiry
-- ARGV
--   holdId
--   fingerprint  of the lines
--   lines        the lines as text, kept with the hold
--   ttlMs        how long the hold shall live from now
--   keepMs       how long its record is remembered
--   epoch        the epoch that the caller believes in
--   maxTotalMs   how long a hold may live in all, since it was taken or taken again
--   quantity...  per line, from 1
-- Returns
--   OK           expiry (ms): never earlier than it was, and not beyond maxTotalMs
--   REACQUIRED   expiry (ms) of the hold that was taken again
--   EXPIRED      lapsed, and cannot be taken again; per short line: its number from 1, and how many are left
--   COLD         numbers of the lines whose level must be loaded first; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
-- Invariant: a hold never ends earlier because of an extension; a lapsed one comes back with all its lines or none.
local record = KEYS[1]
local holdId, fingerprint, ttlMs, keepMs, maxTotalMs = ARGV[1], ARGV[2], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[7])
local now, lines = readLines(2, #ARGV - 7)

local function write(expiry, spanMs)
  local value = 'held|' .. expiry .. '|' .. toText(spanMs) .. '|' .. fingerprint .. '|' .. ARGV[3]
  call('SET', record, value, 'PX', keepMs)
end

local existing = call('GET', record)
if existing then
  local state, expiryText, span, existingFingerprint = parseHold(existing)
  if state ~= 'held' then return { 'RESOLVED' } end
  if existingFingerprint ~= fingerprint then return { 'CONFLICT' } end
  local expiry = tonumber(expiryText)
  if expiry > now then
    local taken = expiry - span
    local extended = math.min(now + ttlMs, taken + maxTotalMs)
    if extended <= expiry then return { 'OK', expiryText } end
    local extendedText = toText(extended)
    for i = 1, #lines do call('ZADD', KEYS[2 * i + 1], 'XX', extendedText, holdId) end
    write(extendedText, extended - taken)
    return { 'OK', extendedText }
  end
end

local obstacle = findObstacle(lines, 8, ARGV[6])
if obstacle then
  if obstacle[1] == 'SHORT' then obstacle[1] = 'EXPIRED' end
  return obstacle
end
local spanMs = math.min(ttlMs, maxTotalMs)
local expiry = toText(now + spanMs)
write(expiry, spanMs)
takeLines(lines, 2, 8, holdId, expiry)
return { 'REACQUIRED', expiry }
