-- Purpose: what the inventory scripts share; src/inventory/holds/inventory.scripts.ts puts it in front of each of them.
--
-- A level is one small hash for a variant at a location; its key ends with <variant>:<location>:
--   e  epoch, v version, n on hand, p policy (d deny, b backorder, u untracked): mirrored from PostgreSQL
--   a  the most that may be held: a number, b for no limit, u when holds are not even counted
--   t  at or below this many shoppers are told `low`; empty when the shop's own setting says it
--   s  sellable, and before it the version that it is of and a colon: those on hand that orders may take, without the
--      safety stock; empty when untracked. An earlier release leaves that of an older version there
--   h  held: the sum of the quantities of its holds
--   x  no hold of this level expires before (ms): a lower bound, so that most calls need not look at the expiries
--   c  clock: time of the last sweep (ms), so that a hold found expired stays so when the server's clock is set back
-- Beside it stands the sorted set of its holds: <hold id>:<quantity> by expiry (ms).
-- A hold is a string: state|timeMs|spanMs|fingerprint|detail
--   held       timeMs is its expiry and spanMs its age by then; detail is what it has: <variant>:<location>:<quantity>,...
--   released, committed   tombstones; timeMs is when, detail is why or for which order
-- Numbers travel as text where they can: Lua would print each anew, which costs more than the command it is for.
local call, KEYS, ARGV, tonumber = redis.call, KEYS, ARGV, tonumber

local function toText(number)
  return string.format('%d', number)
end

-- Drops every expired hold of a level. Returns what is still held, and the lower bound of the next expiry.
local function sweep(level, expiries, held, now)
  local nowText = toText(now)
  repeat
    local expired = call('ZRANGEBYSCORE', expiries, '-inf', nowText, 'LIMIT', 0, 1000)
    if #expired > 0 then
      for _, hold in ipairs(expired) do held = held - string.sub(hold, 38) end
      call('ZREM', expiries, unpack(expired))
      call('HSET', level, 'h', held, 'c', nowText)
    end
  until #expired < 1000
  local nextExpiry = call('ZRANGE', expiries, 0, 0, 'WITHSCORES')[2]
  if nextExpiry then call('HSET', level, 'x', nextExpiry) else call('HDEL', level, 'x') end
  return held, nextExpiry
end

-- Reads the level of KEYS[key], whose expiries stand behind it: its fields { e, a, h, x, c }, and key.
local function readLevel(key)
  local level = call('HMGET', KEYS[key], 'e', 'a', 'h', 'x', 'c')
  level[6] = key
  return level
end

-- Sweeps those of the levels that have something expired; h and x are then as they are afterwards. Returns now.
local function sweepLevels(levels)
  local time = call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  for i = 1, #levels do
    local clock = levels[i][5]
    if clock then now = math.max(now, tonumber(clock)) end
  end
  for i = 1, #levels do
    local level = levels[i]
    if level[4] and tonumber(level[4]) <= now then
      local key = level[6]
      level[3], level[4] = sweep(KEYS[key], KEYS[key + 1], level[3] or 0, now)
    end
  end
  return now
end

-- Reads and sweeps the levels of KEYS[first..last]. Returns now and the levels.
local function readLevels(first, last)
  local levels = {}
  for key = first, last, 2 do levels[#levels + 1] = readLevel(key) end
  return sweepLevels(levels), levels
end

-- Decides what to take where: of each line as much as there is at its first place, the rest at the next, and so on. What
-- is held of a level beyond its limit is not left at another either: orders take from where stock lies, wherever it is held.
-- Quantities of the lines stand in ARGV from first on; each line has the same number of levels.
-- Returns the quantity by level, and whether each line is whole at its first place. Or nil, and the reply that says why.
local function choosePlaces(levels, first, lineCount, epoch)
  local perLine = #levels / lineCount
  local taken, isFirstChoice, cold, short = {}, true, nil, nil
  for line = 1, lineCount do
    local firstPlace = (line - 1) * perLine + 1
    local wanted = tonumber(ARGV[first + line - 1])
    local rest, left, isCold = wanted, 0, false
    for place = firstPlace, line * perLine do
      local level = levels[place]
      if level[1] ~= epoch then
        if level[1] and tonumber(level[1]) > tonumber(epoch) then return nil, { 'STALE_EPOCH', level[1] } end
        isCold = true
      else
        local limit = tonumber(level[2])
        local room = limit and limit - (level[3] or 0) or math.huge
        left = left + room
        if rest > 0 and room > 0 then
          taken[place] = room < rest and room or rest
          rest = rest - taken[place]
        end
      end
    end
    if isCold then
      cold = cold or { 'COLD' }
      cold[#cold + 1] = line
    elseif left < wanted then
      short = short or { 'SHORT' }
      short[#short + 1] = line
      short[#short + 1] = left > 0 and left or 0
    elseif taken[firstPlace] ~= wanted then
      isFirstChoice = false
    end
  end
  if cold or short then return nil, cold or short end
  return taken, isFirstChoice
end

-- What is taken from the levels, as a hold's record says it.
local function describe(levels, taken)
  local parts = {}
  for place = 1, #levels do
    if taken[place] then
      parts[#parts + 1] = string.sub(KEYS[levels[place][6]], -73) .. ':' .. toText(taken[place])
    end
  end
  return table.concat(parts, ',')
end

-- Adds the hold to each of the levels that it takes from, which have nothing of it yet; writeTaken writes it.
local function take(levels, taken, holdId, expiry)
  for place = 1, #levels do
    local level = levels[place]
    if taken[place] and level[2] ~= 'u' then
      level[3] = (level[3] or 0) + taken[place]
      local members = level[7]
      if not members then
        members = {}
        level[7] = members
      end
      members[#members + 1] = expiry
      members[#members + 1] = holdId .. ':' .. toText(taken[place])
    end
  end
end

-- Writes what holds with this expiry take from the levels.
local function writeTaken(levels, expiry)
  for i = 1, #levels do
    local level = levels[i]
    local key, members = level[6], level[7]
    if members then
      if level[4] and tonumber(level[4]) <= tonumber(expiry) then
        call('HSET', KEYS[key], 'h', toText(level[3]))
      else
        call('HSET', KEYS[key], 'h', toText(level[3]), 'x', expiry)
      end
      call('ZADD', KEYS[key + 1], unpack(members))
    end
  end
end

-- Returns state, timeMs, spanMs, fingerprint, detail of a hold's record; nothing when there is none.
local function parseHold(record)
  if record then return string.match(record, '^(%a+)|(%d+)|(%d+)|([^|]*)|(.*)$') end
end

-- Quantities of a hold by the numbers of their levels in KEYS[first..last]; nil when it has some at other levels.
local function findPlaces(detail, first, last)
  local quantities, missing = {}, 0
  for place, quantity in string.gmatch(detail, '([^,]+):(%d+)') do
    quantities[place] = quantity
    missing = missing + 1
  end
  local found = {}
  for key = first, last, 2 do
    found[key] = quantities[string.sub(KEYS[key], -73)]
    if found[key] then missing = missing - 1 end
  end
  if missing == 0 then return found end
end

-- Takes the hold out of each level it is in.
local function drop(places, holdId, first, last)
  for key = first, last, 2 do
    local quantity = places[key]
    if quantity and call('ZREM', KEYS[key + 1], holdId .. ':' .. quantity) == 1 then
      call('HINCRBY', KEYS[key], 'h', '-' .. quantity)
    end
  end
end

-- Brings a level to what ARGV[first..] says: version, on hand, policy, most that may be held, threshold, sellable.
-- Returns whether it was older.
local function applyLevel(level, epoch, first)
  local current = call('HMGET', level, 'e', 'v')
  local version = ARGV[first]
  local currentEpoch, newEpoch = tonumber(current[1] or 0), tonumber(epoch)
  if currentEpoch > newEpoch then return 0 end
  if currentEpoch == newEpoch and tonumber(current[2]) >= tonumber(version) then return 0 end
  call('HSET', level, 'e', epoch, 'v', version, 'n', ARGV[first + 1], 'p', ARGV[first + 2], 'a', ARGV[first + 3],
    't', ARGV[first + 4], 's', version .. ':' .. ARGV[first + 5])
  return 1
end
