-- Purpose: counts a login attempt for one e-mail address before its password is checked, so that any number of
--   attempts at once cannot pass the limit together. A successful login deletes the key.
-- KEYS
--   failures  counter of attempts that have not succeeded
-- ARGV
--   limit     attempts allowed in a window
--   windowMs  length of the window, from its first attempt (milliseconds)
-- Returns
--   OK        and the attempts so far, this one included
--   LIMITED   and the milliseconds until the window ends; this attempt is not counted
-- Invariant: the key always expires, and a limited attempt does not prolong the window.
local limit, window_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
if not limit or not window_ms or limit < 1 or window_ms < 1 then
  return redis.error_reply('login-attempt: limit and windowMs must be positive numbers')
end
local remaining_ms = redis.call('PTTL', KEYS[1])
if remaining_ms < 0 then
  redis.call('SET', KEYS[1], 1, 'PX', window_ms)
  return { 'OK', 1 }
end
if tonumber(redis.call('GET', KEYS[1])) >= limit then
  return { 'LIMITED', remaining_ms }
end
return { 'OK', redis.call('INCR', KEYS[1]) }
