-- Purpose: sets stock aside for holds, one after another: of each all of its lines or none. A line takes as much as there
--          is at its first place, the rest at the next, and so on.
-- KEYS
--   hold...      per hold, with what it wants stock of behind it: its record, whose key ends with the hold's id
--   level...     per line and place, with its expiries: the level; in a hold each once, and as many for each line
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
--   OK           (an answer for each hold, in their order) expiry (ms), and what it has where, empty when that is `lines`;
--                also for a hold that was taken before
--   SHORT        per short line: its number from 1, and how many are left; nothing was taken
--   COLD         numbers of the lines of which a level must be loaded; nothing was taken
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
  local hold = { record = KEYS[key], arg = arg, lineCount = tonumber(ARGV[arg + 2]), levels = {} }
  local last = key + 2 * placeCount * hold.lineCount
  for place = key + 1, last, 2 do
    local level = levelOf[KEYS[place]]
    if not level then
      level = readLevel(place)
      levelOf[KEYS[place]] = level
      levels[#levels + 1] = level
    end
    hold.levels[#hold.levels + 1] = level
  end
  holds[#holds + 1] = hold
  recordKeys[#holds] = hold.record
  key, arg = last + 1, arg + 3 + hold.lineCount
end

local now = sweepLevels(levels)
local expiry = toText(now + ttlMs)
local heldUntil = 'held|' .. expiry .. '|' .. ttlMs .. '|'
local takenWhole = { 'OK', expiry, '' }

local records, written = {}, {}
for i, record in ipairs(call('MGET', unpack(recordKeys))) do records[recordKeys[i]] = record end

local function decide(hold)
  local fingerprint, lines = ARGV[hold.arg], ARGV[hold.arg + 1]
  local state, existingExpiry, _, existingFingerprint, detail = parseHold(records[hold.record])
  if state then
    if state ~= 'held' then return { 'RESOLVED' } end
    if existingFingerprint ~= fingerprint then return { 'CONFLICT' } end
    if tonumber(existingExpiry) > now then return { 'OK', existingExpiry, detail == lines and '' or detail } end
  end
  local taken, outcome = choosePlaces(hold.levels, hold.arg + 3, hold.lineCount, epoch)
  if not taken then return outcome end

  local held = outcome and '' or describe(hold.levels, taken)
  records[hold.record] = heldUntil .. fingerprint .. '|' .. (held == '' and lines or held)
  written[#written + 1] = hold.record
  take(hold.levels, taken, string.sub(hold.record, -36), expiry)
  return held == '' and takenWhole or { 'OK', expiry, held }
end

local replies = {}
for i, hold in ipairs(holds) do replies[i] = decide(hold) end
for _, record in ipairs(written) do call('SET', record, records[record], 'PX', keepMs) end
writeTaken(levels, expiry)
return replies
