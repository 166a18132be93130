-- Purpose: sets stock aside for holds, one after another: for each hold all lines or none. A line takes as much as there
--          is at its first place, the rest at the next, and so on.
-- KEYS
--   hold...      per hold, followed by its levels: its record, whose key ends with the hold's id
--   level...     per line and place, with its expiries: the level; once in a hold, equally many per line
--   expiries...  per line and place: the level's holds by expiry
-- ARGV
--   ttlMs           how long the holds live
--   keepMs          how long their records are remembered
--   epoch           the epoch that the caller believes in
--   placeCount      how many places each line has
--   fingerprint...  per hold, with the three below: of its lines; the same hold id must come with the same lines
--   lines...        what the hold's record says when each line is whole at its first place
--   lineCount...    how many lines the hold has
--   quantity...     per line, from 1
-- Returns
--   OK           (one answer per hold, in order) expiry (ms), and the hold's stock by place, empty when that is `lines`;
--                also for a hold that was taken before
--   SHORT        per short line: its number from 1, and how many are left; nothing was taken
--   COLD         numbers of the lines that need a level loaded; nothing was taken
--   STALE_EPOCH  the newer epoch that was found; nothing was taken
--   RESOLVED     the hold was released or committed and never revives
--   CONFLICT     the hold has other lines
-- Invariant: each hold finds what those before it left, as if it had come alone, at the latest time that any level of the
--            call knows. Afterwards held <= the most that may be held of each level; a refused hold leaves no trace; a
--            call that fails has taken nothing.
local ttlMs, keepMs, epoch, placeCount = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- A level is read once in a call and written once, however many holds want it: all is read, then decided, then written.
local holds, recordKeys, levels, levelOf = {}, {}, {}, {}
local key, arg = 1, 5
while key <= #KEYS do
  local lineCount, places = tonumber(ARGV[arg + 2]), {}
  local last = key + 2 * placeCount * lineCount
  for place = key + 1, last, 2 do
    local level = levelOf[KEYS[place]]
    if not level then
      level = readLevel(place)
      levelOf[KEYS[place]] = level
      levels[#levels + 1] = level
    end
    places[#places + 1] = level
  end
  holds[#holds + 1] = {
    id = string.sub(KEYS[key], -ID_LENGTH), record = KEYS[key], fingerprint = ARGV[arg], lines = ARGV[arg + 1],
    firstQuantity = arg + 3, lineCount = lineCount, levels = places,
  }
  recordKeys[#holds] = KEYS[key]
  key, arg = last + 1, arg + 3 + lineCount
end

local now = sweepLevels(levels)
local expiryMs = now + ttlMs
local expiry = toText(expiryMs)
local heldUntil = 'held|' .. expiry .. '|' .. ttlMs .. '|'
local takenWhole = { 'OK', expiry, '' }

local records, written = {}, {}
for i, record in ipairs(call('MGET', unpack(recordKeys))) do records[recordKeys[i]] = record end

local function decide(hold)
  local state, existingExpiry, _, existingFingerprint, detail = parseHold(records[hold.record])
  if state then
    if state ~= 'held' then return { 'RESOLVED' } end
    if existingFingerprint ~= hold.fingerprint then return { 'CONFLICT' } end
    if tonumber(existingExpiry) > now then return { 'OK', existingExpiry, detail == hold.lines and '' or detail } end
  end
  local taken, isFirstChoice, refusal = choosePlaces(hold.levels, hold.firstQuantity, hold.lineCount, epoch)
  if refusal then return refusal end

  local held = isFirstChoice and hold.lines or describe(hold.levels, taken)
  records[hold.record] = heldUntil .. hold.fingerprint .. '|' .. held
  written[#written + 1] = hold.record
  take(hold.levels, taken, hold.id, expiry)
  return isFirstChoice and takenWhole or { 'OK', expiry, held }
end

local replies = {}
for i, hold in ipairs(holds) do replies[i] = decide(hold) end
for _, record in ipairs(written) do call('SET', record, records[record], 'PX', keepMs) end
writeTaken(levels, expiryMs, expiry)
return replies
