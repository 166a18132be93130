-- Purpose: what the inventory scripts share; src/inventory/inventory.scripts.ts puts it in front of each of them.
--
-- A level is one hash for a variant at a location:
--   e  epoch, v version, n on hand, p policy (d deny, b backorder, u untracked): mirrored from PostgreSQL
--   h  held: the sum of the quantities below
--   x  no hold of this level expires before (ms): a lower bound, so that most calls need not look at the expiries
--   c  clock: time of the last sweep (ms), so that a hold found expired stays so when the server's clock is set back
--   <hold id>  quantity this hold has of it
-- Beside it stands a sorted set of its holds: hold id -> expiry (ms), with the same members as the hash has quantities.
-- A hold is a string: state|timeMs|spanMs|fingerprint|detail
--   held       timeMs is its expiry and spanMs its age by then; detail lists its lines
--   released, committed   tombstones; timeMs is when, detail is why or for which order
-- Times travel as text: Lua would print each number anew, which costs more than the command it is for.
local call = redis.call

local function timeMs()
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function toText(number)
  return string.format('%d', number)
end

local function laterOf(now, clock)
  clock = tonumber(clock)
  if clock and clock > now then return clock end
  return now
end

-- Drops every expired hold of a level. Returns what is still held, and the lower bound of the next expiry.
local function sweep(level, expiries, held, now)
  local nowText = toText(now)
  local dropped = false
  repeat
    local ids = call('ZRANGEBYSCORE', expiries, '-inf', nowText, 'LIMIT', 0, 1000)
    if #ids > 0 then
      for _, quantity in ipairs(call('HMGET', level, unpack(ids))) do held = held - (quantity or 0) end
      call('HDEL', level, unpack(ids))
      call('ZREM', expiries, unpack(ids))
      dropped = true
    end
  until #ids < 1000
  local nextExpiry = call('ZRANGE', expiries, 0, 0, 'WITHSCORES')[2]
  if nextExpiry then call('HSET', level, 'x', nextExpiry) else call('HDEL', level, 'x') end
  if dropped then call('HSET', level, 'h', held, 'c', nowText) end
  return held, nextExpiry
end

-- Sweeps each level that has something expired. Levels are read from KEYS[first] on, each with its expiries behind it.
-- Returns now, and for each line its fields { e, n, h, p, x, c } with h and x as they are after the sweep.
local function readLines(first, count)
  local lines = {}
  local now = timeMs()
  for i = 1, count do
    local line = call('HMGET', KEYS[first + 2 * i - 2], 'e', 'n', 'h', 'p', 'x', 'c')
    lines[i] = line
    if line[6] then now = laterOf(now, line[6]) end
  end
  for i = 1, count do
    local line = lines[i]
    if line[5] and tonumber(line[5]) <= now then
      line[3], line[5] = sweep(KEYS[first + 2 * i - 2], KEYS[first + 2 * i - 1], line[3] or 0, now)
    end
  end
  return now, lines
end

-- Whether the lines can be taken: nil, or the reply that says why not. Quantities are read from ARGV[first] on.
local function findObstacle(lines, first, epoch)
  local cold, short
  for i, line in ipairs(lines) do
    if line[1] ~= epoch then
      if line[1] and tonumber(line[1]) > tonumber(epoch) then return { 'STALE_EPOCH', line[1] } end
      cold = cold or { 'COLD' }
      cold[#cold + 1] = i
    elseif line[4] == 'd' then
      local left = line[2] - (line[3] or 0)
      if left < tonumber(ARGV[first + i - 1]) then
        short = short or { 'SHORT' }
        short[#short + 1] = i
        short[#short + 1] = math.max(0, left)
      end
    end
  end
  return cold or short
end

-- Adds the hold to each line that is tracked. The lines hold nothing of it yet.
local function takeLines(lines, firstKey, firstQuantity, holdId, expiry)
  for i, line in ipairs(lines) do
    if line[4] ~= 'u' then
      local level, quantity = KEYS[firstKey + 2 * i - 2], ARGV[firstQuantity + i - 1]
      local held = (line[3] or 0) + quantity
      if line[5] and tonumber(line[5]) <= tonumber(expiry) then
        call('HSET', level, 'h', held, holdId, quantity)
      else
        call('HSET', level, 'h', held, 'x', expiry, holdId, quantity)
      end
      call('ZADD', KEYS[firstKey + 2 * i - 1], expiry, holdId)
    end
  end
end

-- Takes the hold out of each level it is in.
local function dropLines(lines, first, holdId)
  for i, line in ipairs(lines) do
    local level = KEYS[first + 2 * i - 2]
    local quantity = call('HGET', level, holdId)
    if quantity then
      call('HSET', level, 'h', (line[3] or 0) - quantity)
      call('HDEL', level, holdId)
      call('ZREM', KEYS[first + 2 * i - 1], holdId)
    end
  end
end

-- Returns state, timeMs, spanMs, fingerprint, detail of a hold's record.
local function parseHold(record)
  return string.match(record, '^(%a+)|(%d+)|(%d+)|([^|]*)|(.*)$')
end

local function applyLevel(level, epoch, version, onHand, policy)
  local current = call('HMGET', level, 'e', 'v')
  local currentEpoch, newEpoch = tonumber(current[1] or 0), tonumber(epoch)
  if currentEpoch > newEpoch then return 0 end
  if currentEpoch == newEpoch and tonumber(current[2]) >= tonumber(version) then return 0 end
  call('HSET', level, 'e', epoch, 'v', version, 'n', onHand, 'p', policy)
  return 1
end
