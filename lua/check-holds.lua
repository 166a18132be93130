-- Purpose: compares the held sum and the bound of levels with their holds, and corrects them.
-- KEYS
--   level...     with its expiries: the level
--   expiries...  the level's holds by expiry
-- ARGV
-- Returns
--   OK  per level: the sum it had, the sum of its holds, their number, and 1 when its bound could have missed an expiry;
--       only the first levels when they have many holds, since other callers wait meanwhile
-- Invariant: afterwards what is held is the sum of the holds, and no hold ends before the level's bound.
local MOST_HOLDS = 10000
local _, levels = readLevels(1, #KEYS)
local reply, counted = { 'OK' }, 0
for i, level in ipairs(levels) do
  local key, expiries = KEYS[2 * i - 1], KEYS[2 * i]
  local count = call('ZCARD', expiries)
  local sum = 0
  for first = 0, count - 1, 1000 do
    for _, hold in ipairs(call('ZRANGE', expiries, first, first + 999)) do sum = sum + string.sub(hold, QUANTITY_FROM) end
  end
  local nextExpiry = call('ZRANGE', expiries, 0, 0, 'WITHSCORES')[2]
  local isMissed = nextExpiry and (not level[NEXT_EXPIRY] or level[NEXT_EXPIRY] > tonumber(nextExpiry))
  local held = tonumber(level[HELD])
  if held ~= sum then call('HSET', key, 'h', toText(sum)) end
  if isMissed then call('HSET', key, 'x', nextExpiry) end
  for _, number in ipairs({ held, sum, count, isMissed and 1 or 0 }) do reply[#reply + 1] = number end
  counted = counted + count
  if counted >= MOST_HOLDS then break end
end
return reply
