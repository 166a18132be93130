-- Purpose: finds where a hold has stock, and changes it there.

-- A hold's quantities by the index of their level in KEYS[first..last]; nil when it has stock at other levels too.
local function findPlaces(detail, first, last)
  local quantities, missing = {}, 0
  for place, quantity in string.gmatch(detail, '([^,]+):(%d+)') do
    quantities[place] = quantity
    missing = missing + 1
  end
  local found = {}
  for key = first, last, 2 do
    found[key] = quantities[string.sub(KEYS[key], -PLACE_LENGTH)]
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

-- Moves the hold's expiry in each of its levels. Returns false, having done nothing, when it has other levels too.
local function prolong(holdId, detail, expiry, first, last)
  local places = findPlaces(detail, first, last)
  if not places then return false end
  for key = first, last, 2 do
    if places[key] then call('ZADD', KEYS[key + 1], 'XX', expiry, holdId .. ':' .. places[key]) end
  end
  return true
end
