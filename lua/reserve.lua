-- Purpose: sets stock aside for a hold: all of its lines or none.
-- KEYS
--   hold         record of the hold
--   level...     per line, with its expiries: the level; each level once
--   expiries...  per line: the level's holds by expiry
-- ARGV
--   holdId
--   fingerprint  of the lines: the same hold id must come with the same lines
--   lines        the lines as text, kept with the hold
--   ttlMs        how long the hold lives
--   keepMs       how long its record is remembered
--   epoch        the epoch that the caller believes in
--   quantity...  per line, from 1
-- Returns
--   OK           expiry (ms); also when this hold was taken before (a repeated send)
--   SHORT        per short line: its number from 1, and how many are left; nothing was taken
--   COLD         numbers of the lines whose level must be loaded; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
-- Invariant: afterwards held <= on hand for each line that denies; a refused hold leaves no trace.
local record = KEYS[1]
local holdId, fingerprint, ttlMs, keepMs, epoch = ARGV[1], ARGV[2], ARGV[4], ARGV[5], ARGV[6]
local now, lines = readLines(2, #ARGV - 6)
local obstacle = findObstacle(lines, 7, epoch)

local expiry = toText(now + ttlMs)
local value = 'held|' .. expiry .. '|' .. ttlMs .. '|' .. fingerprint .. '|' .. ARGV[3]

-- Most holds are new: writing the record if there is none asks and writes in one command.
if obstacle or not call('SET', record, value, 'PX', keepMs, 'NX') then
  local existing = call('GET', record)
  if existing then
    local state, existingExpiry, _, existingFingerprint = parseHold(existing)
    if state ~= 'held' then return { 'RESOLVED' } end
    if existingFingerprint ~= fingerprint then return { 'CONFLICT' } end
    if tonumber(existingExpiry) > now then return { 'OK', existingExpiry } end
  end
  if obstacle then return obstacle end
  call('SET', record, value, 'PX', keepMs)
end

takeLines(lines, 2, 7, holdId, expiry)
return { 'OK', expiry }
