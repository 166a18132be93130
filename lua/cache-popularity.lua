-- Purpose: adds accesses to the list of the most wanted keys of a category, where old accesses fade: later ones weigh
--   more (forward decay, Cormode et al., ICDE 2009), so nothing has to be swept.
-- KEYS
--   popularity   sorted set: "k" and the key → weight as of the landmark; "#landmark" → minus its time (ms), sorts first
-- ARGV
--   halfLifeMs   after this long an access counts half
--   maxKeys      most keys that are kept; the least wanted go
--   lifeMs       how long the list is kept after the last addition
--   key          a key
--   weight       how many accesses it had
--   ...          the same two for each further key
-- Returns
--   OK           how many keys are kept
-- Invariant: the order of the keys is that of their faded accesses, and the list never holds more than maxKeys.
local half_life_ms, max_keys, life_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if not half_life_ms or half_life_ms < 1 or not max_keys or max_keys < 1 or not life_ms or #ARGV % 2 == 0 then
  return redis.error_reply('cache-popularity: halfLifeMs, maxKeys and lifeMs are required, then pairs')
end
for i = 5, #ARGV, 2 do
  if not (tonumber(ARGV[i]) and tonumber(ARGV[i]) > 0) then
    return redis.error_reply('cache-popularity: weight must be positive')
  end
end
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local landmark = redis.call('ZSCORE', KEYS[1], '#landmark')
local half_lives = landmark and (now_ms + tonumber(landmark)) / half_life_ms or 0
-- Doubles end at 2^1024: long before, everything is scaled back to a new landmark.
if half_lives > 500 then
  redis.call('ZUNIONSTORE', KEYS[1], 1, KEYS[1], 'WEIGHTS', string.format('%.17g', 2 ^ -half_lives))
end
if not landmark or half_lives > 500 then
  redis.call('ZADD', KEYS[1], -now_ms, '#landmark')
  half_lives = 0
end
local factor = 2 ^ half_lives
for i = 4, #ARGV, 2 do
  redis.call('ZINCRBY', KEYS[1], string.format('%.17g', ARGV[i + 1] * factor), 'k' .. ARGV[i])
end
local excess = redis.call('ZCARD', KEYS[1]) - 1 - max_keys
if excess > 0 then redis.call('ZREMRANGEBYRANK', KEYS[1], 1, excess) end
redis.call('PEXPIRE', KEYS[1], life_ms)
return { 'OK', redis.call('ZCARD', KEYS[1]) - 1 }
