-- Purpose: compares what levels say is held of them with their holds, and corrects it.
-- KEYS
--   level...     with its expiries: the level
--   expiries...  the level's holds by expiry
-- ARGV
-- Returns
--   OK  per level: what it said was held, what its holds have, how many they are, and 1 when one of them could have been
--       missed when it expired; only for the first levels when they have many holds, since others wait meanwhile
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
