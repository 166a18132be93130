-- Purpose: how levels and holds are kept, and how a script reads them. src/inventory/holds/inventory.scripts.ts prepends
--          this to each inventory script, followed by the other files of this folder that the script needs.
--
-- A level is one small hash for a variant at a location; its key ends with <variant>:<location>:
--   e  epoch, v version, n on hand, p policy (d deny, b backorder, u untracked): mirrored from PostgreSQL
--   a  the most that may be held: a number, b for no limit, u when holds are not even counted
--   t  at or below it shoppers see `low`; empty when the shop's own setting applies
--   s  <version>:<sellable>: units on hand that orders may take, without the safety stock; sellable is empty when untracked.
--      The field is missing, or of another version, when code that does not know it wrote the level
--   h  held: the sum of the quantities of its holds
--   x  no hold of this level expires before (ms): a lower bound, so that most calls need not look at the expiries
--   c  clock: time of the last sweep (ms), so that a hold found expired stays so when the server's clock is set back
-- Beside it stands the sorted set of its holds: <hold id>:<quantity> by expiry (ms).
-- A hold is a string: state|timeMs|spanMs|fingerprint|detail
--   held       timeMs is its expiry and spanMs its age by then; detail is what it has: <variant>:<location>:<quantity>,...
--   released, committed   tombstones; timeMs is when, detail is why or for which order
-- Numbers stay text where they can: formatting one in Lua costs more than the command that uses it.
local call, KEYS, ARGV, tonumber = redis.call, KEYS, ARGV, tonumber

-- Indices into a level as read: its fields e, a, h, x, c; the number of its key in KEYS; what is to be added to its
-- expiries. Constants cost hardly more than literals; a table with named fields would cost Redis 3 % of a hold.
local EPOCH, LIMIT, HELD, NEXT_EXPIRY, CLOCK, KEY, MEMBERS = 1, 2, 3, 4, 5, 6, 7
-- All ids are UUIDs of 36 characters: a level's key ends with <variant>:<location>, and <hold id>: stands before a quantity.
local ID_LENGTH, PLACE_LENGTH, QUANTITY_FROM = 36, 73, 38

local function toText(number)
  return string.format('%d', number)
end

-- Drops every expired hold of a level. Returns what is still held, and the lower bound of the next expiry.
local function sweep(level, expiries, held, now)
  local nowText = toText(now)
  repeat
    local expired = call('ZRANGEBYSCORE', expiries, '-inf', nowText, 'LIMIT', 0, 1000)
    if #expired > 0 then
      for _, hold in ipairs(expired) do held = held - string.sub(hold, QUANTITY_FROM) end
      call('ZREM', expiries, unpack(expired))
      call('HSET', level, 'h', held, 'c', nowText)
    end
  until #expired < 1000
  local nextExpiry = call('ZRANGE', expiries, 0, 0, 'WITHSCORES')[2]
  if nextExpiry then call('HSET', level, 'x', nextExpiry) else call('HDEL', level, 'x') end
  return held, tonumber(nextExpiry)
end

-- Reads the level of KEYS[key]; its expiries are KEYS[key + 1].
local function readLevel(key)
  local level = call('HMGET', KEYS[key], 'e', 'a', 'h', 'x', 'c')
  level[HELD] = level[HELD] or 0
  level[KEY] = key
  return level
end

-- Sweeps the levels with expired holds and updates what is held of them; each next expiry becomes a number. Returns now.
local function sweepLevels(levels)
  local time = call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  for i = 1, #levels do
    local clock = levels[i][CLOCK]
    if clock then now = math.max(now, tonumber(clock)) end
  end
  for i = 1, #levels do
    local level = levels[i]
    if level[NEXT_EXPIRY] then
      local key, nextExpiry = level[KEY], tonumber(level[NEXT_EXPIRY])
      if nextExpiry <= now then level[HELD], nextExpiry = sweep(KEYS[key], KEYS[key + 1], level[HELD], now) end
      level[NEXT_EXPIRY] = nextExpiry
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

-- Returns state, timeMs, spanMs, fingerprint, detail of a hold's record; nothing when there is none.
local function parseHold(record)
  if record then return string.match(record, '^(%a+)|(%d+)|(%d+)|([^|]*)|(.*)$') end
end
