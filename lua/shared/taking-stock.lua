-- Purpose: decides what a hold takes where, and writes it.

-- Decides what to take where: of each line as much as there is at its first place, the rest at the next, and so on. What is
-- held of a level beyond its limit is deducted at the others: orders take from where stock lies, wherever it is held.
-- Quantities of the lines stand in ARGV from firstQuantity on; each line has the same number of levels. Returns the quantity
-- by level, whether each line is whole at its first place, and the reply if the hold cannot be taken; the other two then
-- mean nothing.
local function choosePlaces(levels, firstQuantity, lineCount, epoch)
  local perLine = #levels / lineCount
  local taken, isFirstChoice, cold, short = {}, true, nil, nil
  for line = 1, lineCount do
    local firstPlace = (line - 1) * perLine + 1
    local wanted = tonumber(ARGV[firstQuantity + line - 1])
    local rest, left, isCold = wanted, 0, false
    for place = firstPlace, line * perLine do
      local level = levels[place]
      if level[EPOCH] ~= epoch then
        if level[EPOCH] and tonumber(level[EPOCH]) > tonumber(epoch) then
          return nil, nil, { 'STALE_EPOCH', level[EPOCH] }
        end
        isCold = true
      else
        local limit = tonumber(level[LIMIT])
        local room = limit and limit - level[HELD] or math.huge
        left = left + room
        if rest > 0 and room > 0 then
          taken[place] = room < rest and room or rest
          rest = rest - taken[place]
        end
      end
    end
    if isCold then
      cold = cold or { 'COLD' }
      cold[#cold + 1] = line
    elseif left < wanted then
      short = short or { 'SHORT' }
      short[#short + 1] = line
      short[#short + 1] = left > 0 and left or 0
    elseif taken[firstPlace] ~= wanted then
      isFirstChoice = false
    end
  end
  return taken, isFirstChoice, cold or short
end

-- What is taken from the levels, in the form of a hold's record.
local function describe(levels, taken)
  local parts = {}
  for place = 1, #levels do
    if taken[place] then
      parts[#parts + 1] = string.sub(KEYS[levels[place][KEY]], -PLACE_LENGTH) .. ':' .. toText(taken[place])
    end
  end
  return table.concat(parts, ',')
end

-- Adds the hold to each level it takes from, none of which has it yet; writeTaken writes it.
local function take(levels, taken, holdId, expiry)
  for place = 1, #levels do
    local level = levels[place]
    if taken[place] and level[LIMIT] ~= 'u' then
      level[HELD] = level[HELD] + taken[place]
      local members, member = level[MEMBERS], holdId .. ':' .. toText(taken[place])
      if members then
        members[#members + 1] = expiry
        members[#members + 1] = member
      else
        level[MEMBERS] = { expiry, member }
      end
    end
  end
end

-- Writes what `take` added to the levels; the expiry comes as a number and as text.
local function writeTaken(levels, expiryMs, expiry)
  for i = 1, #levels do
    local level = levels[i]
    local key, members = level[KEY], level[MEMBERS]
    if members then
      if level[NEXT_EXPIRY] and level[NEXT_EXPIRY] <= expiryMs then
        call('HSET', KEYS[key], 'h', toText(level[HELD]))
      else
        call('HSET', KEYS[key], 'h', toText(level[HELD]), 'x', expiry)
      end
      call('ZADD', KEYS[key + 1], unpack(members))
    end
  end
end
