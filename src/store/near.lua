-- Stands before scripts that look for articles which share much text, after state-lists.lua.
-- Each article is listed under its marks (text/sketch.ts), for each day anew, so that whole days go by themselves. Under
-- `near:<day>:<first two bytes of a mark>` stand entries of eight bytes: the mark, its last byte first (the first ones are
-- the same in all of them, and searching would stop at each), and the article's number in that day.
local dayMs = 86400000
-- A mark that so many articles of a day have is part of a template, and says nothing.
local crowd = 64
-- So many articles are compared in full at once; those that share fewer marks are not.
local mostNear, leastMarks = 8, 2
-- After so many, only those are compared that share this part of what the article has for itself: copies that came
-- meanwhile, and not the thirtieth report of a template.
local enough, leastShare = 16, 0.25

local function marksOf(sketch)
  local marks = {}
  for hex in string.gmatch(sketch, '%x%x%x%x%x%x%x%x') do
    table.insert(marks, { bytes = struct.pack('<I4', tonumber(hex, 16)), bucket = string.sub(hex, 1, 4) })
  end
  return marks
end
local function nearKey(of, rest) return prefix .. ':near:' .. whole(of) .. ':' .. rest end

-- Numbers of the articles of one day under a mark; nothing where there is a crowd of them.
local function listed(value, bytes)
  local numbers = {}
  local from = 1
  while true do
    local found = string.find(value, bytes, from, true)
    if not found then return numbers end
    if (found - 1) % 8 == 0 then
      numbers[#numbers + 1] = (struct.unpack('>I4', value, found + 4))
      if #numbers >= crowd then return {}, true end
    end
    from = found + 1
  end
end

-- Ids and versions, in turn, of stored articles of the window that share marks, best first, without those compared already. A mark counts for more
-- the fewer articles have it: reports of one template share many marks, and copies those that are theirs alone. Of equal
-- ones the oldest comes first.
local function nearTo(id, sketch, window, compared)
  local marks = marksOf(sketch)
  local today = math.floor(now / dayMs)
  local found = {}
  for of = math.floor((now - window) / dayMs), today do
    local keys = {}
    for i, mark in ipairs(marks) do keys[i] = nearKey(of, mark.bucket) end
    if #keys == 0 then break end
    local shared, weights = {}, {}
    for i, value in ipairs(redis.call('MGET', unpack(keys))) do
      if value then
        local numbers, isCrowded = listed(value, marks[i].bytes)
        marks[i].isCrowded = marks[i].isCrowded or isCrowded
        for _, number in ipairs(numbers) do
          shared[number] = (shared[number] or 0) + 1
          weights[number] = (weights[number] or 0) + 1 / #numbers
        end
      end
    end
    for number, times in pairs(shared) do
      if times >= leastMarks then table.insert(found, { of = of, number = number, weight = weights[number] }) end
    end
  end
  local own = 0
  for _, mark in ipairs(marks) do if not mark.isCrowded then own = own + 1 end end
  local least = #compared >= enough and leastShare * own or 0
  table.sort(found, function(a, b)
    if a.weight ~= b.weight then return a.weight > b.weight end
    if a.of ~= b.of then return a.of < b.of end
    return a.number < b.number
  end)
  local ids, seen = {}, { [id] = true }
  for _, other in ipairs(compared) do seen[other] = true end
  for _, one in ipairs(found) do
    if #ids >= 2 * mostNear or one.weight < least then break end
    local other = redis.call('HGET', nearKey(one.of, 'ids:' .. math.floor(one.number / 64)), one.number % 64)
    if other and not seen[other] then
      seen[other] = true
      local since = redis.call('ZSCORE', prefix .. ':articles', other)
      if since and tonumber(since) >= now - window then
        table.insert(ids, other)
        table.insert(ids, redis.call('HGET', prefix .. ':article:' .. other, 'version') or '0')
      end
    end
  end
  return ids
end

-- Lists an article under its marks for as long as the window lasts.
local function listNear(id, sketch, window)
  local today = math.floor(now / dayMs)
  local expires = whole((today + 2) * dayMs + window)
  local number = redis.call('INCR', nearKey(today, 'count'))
  if number == 1 then redis.call('PEXPIREAT', nearKey(today, 'count'), expires) end
  local ids = nearKey(today, 'ids:' .. math.floor(number / 64))
  redis.call('HSET', ids, number % 64, id)
  redis.call('PEXPIREAT', ids, expires)
  for _, mark in ipairs(marksOf(sketch)) do
    local key = nearKey(today, mark.bucket)
    local _, isCrowded = listed(redis.call('GET', key) or '', mark.bytes)
    if not isCrowded and redis.call('APPEND', key, mark.bytes .. struct.pack('>I4', number)) == 8 then
      redis.call('PEXPIREAT', key, expires)
    end
  end
end

-- What was not accepted since `first` tells the same: kept with it, and the same text is known from now on.
local mostTwins = 100
local function noteTwin(first, id, contentHash, about)
  local key = prefix .. ':article:' .. first
  local of = prefix .. ':near:of:' .. id
  if redis.call('HLEN', key .. ':near') < mostTwins then redis.call('HSET', key .. ':near', id, about) end
  redis.call('SET', of, first)
  redis.call('SET', prefix .. ':content:' .. contentHash, first, 'NX')
  -- They are forgotten with the article.
  redis.call('SADD', key .. ':keys', key .. ':near', of, prefix .. ':content:' .. contentHash)
end
