-- Purpose: brings a level to what PostgreSQL says.

-- How many of ARGV describe a level: version, on hand, policy, most that may be held, threshold, sellable.
local LEVEL_ARGS = 6

-- Brings a level to what ARGV[first..] says.
-- Returns 1 when it was older, else 0.
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
