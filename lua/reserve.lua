-- Purpose: sets stock aside for a hold: all of its lines or none, each from the first of its places that has some on.
-- KEYS
--   hold         record of the hold
--   level...     per line and place, with its expiries: the level; each level once, as many for each line
--   expiries...  per line and place: the level's holds by expiry
-- ARGV
--   holdId
--   fingerprint  of the lines: the same hold id must come with the same lines
--   lines        what the hold's record says when each line is whole at its first place
--   ttlMs        how long the hold lives
--   keepMs       how long its record is remembered
--   epoch        the epoch that the caller believes in
--   quantity...  per line, from 1
-- Returns
--   OK           expiry (ms), and what it has where, empty when that is `lines`; also for a hold that was taken before
--   SHORT        per short line: its number from 1, and how many are left; nothing was taken
--   COLD         numbers of the lines of which a level must be loaded; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
-- Invariant: afterwards held <= the most that may be held of each level; a refused hold leaves no trace.
local record, fingerprint, lines, ttlMs, keepMs = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local now, levels = readLevels(2, #KEYS)
local taken, outcome = choosePlaces(levels, 7, ARGV[6])

local expiry = toText(now + ttlMs)
local held = ''
if taken and not outcome then held = describe(taken, #levels) end
local value = 'held|' .. expiry .. '|' .. ttlMs .. '|' .. fingerprint .. '|' .. (held == '' and lines or held)

-- Most holds are new: writing the record if there is none asks and writes in one command.
if not taken or not call('SET', record, value, 'PX', keepMs, 'NX') then
  local state, existingExpiry, _, existingFingerprint, detail = parseHold(call('GET', record))
  if state then
    if state ~= 'held' then return { 'RESOLVED' } end
    if existingFingerprint ~= fingerprint then return { 'CONFLICT' } end
    if tonumber(existingExpiry) > now then return { 'OK', existingExpiry, detail == lines and '' or detail } end
  end
  if not taken then return outcome end
  call('SET', record, value, 'PX', keepMs)
end

take(levels, taken, ARGV[1], expiry)
return { 'OK', expiry, held }
