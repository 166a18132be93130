-- Purpose: reads levels with what is held of them now.
-- KEYS
--   level...     with its expiries: the level
--   expiries...  the level's holds by expiry
-- ARGV
-- Returns
--   OK  per level: epoch, version, on hand, policy, most that may be held, where low stock begins, what orders may
--       take of it, held; all but the last are empty when the level is not loaded
-- Invariant: what has expired is not counted.
local _, levels = readLevels(1, #KEYS)
local reply = { 'OK' }
for i, level in ipairs(levels) do
  local v, n, p, t, s = unpack(call('HMGET', KEYS[2 * i - 1], 'v', 'n', 'p', 't', 's'))
  local of, sellable = string.match(s or '', '^(%d+):(%d*)$')
  reply[i + 1] = {
    level[EPOCH] or '', v or '', n or '', p or '', level[LIMIT] or '', t or '', of == v and sellable or '', toText(level[HELD]),
  }
end
return reply
