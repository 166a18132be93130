-- Purpose: reads levels with what is held of them now.
-- KEYS
--   level...     with its expiries: the level
--   expiries...  the level's holds by expiry
-- ARGV
-- Returns
--   OK  per level: epoch, version, on hand, policy, held; the first four are empty when the level is not loaded
-- Invariant: what has expired is not counted.
local _, lines = readLines(1, #KEYS / 2)
local reply = { 'OK' }
for i, line in ipairs(lines) do
  local version = call('HGET', KEYS[2 * i - 1], 'v')
  reply[i + 1] = { line[1] or '', version or '', line[2] or '', line[4] or '', toText(line[3] or 0) }
end
return reply
