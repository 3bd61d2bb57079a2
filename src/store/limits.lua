-- Stands after scopes.lua and turns.lua, before the scripts that take from limits or write what platforms say of them.
-- Of each scope there is a list of the times of its last ones, newest first (or, where different ones are counted, a set
-- of them): when the platform had them at the latest, or `time*id` while
-- its answer is not here yet. And there is a hash: `until` (the platform said wait),
-- `front` (somebody urgent waits for its next slot), `busy` (the last slot that is given away), `slow` (the share of the
-- rate that the platform takes by experience), `left`, `of`, `resets` (what its answers say), `open` and `probed` (the
-- account fails: one goes now and then, to see whether it works again).

-- A request is over after so long, whether its answer came or not.
local answerMs = 10000
local probeMs, spreadMs = 5000, 20000

local function timeOf(entry) return tonumber(string.match(entry, '^%d+')) end

-- Before the first that is no newer, found by halves.
local function insert(log, at, entry)
  local from, to, found = 0, redis.call('LLEN', log), nil
  while from < to do
    local middle = math.floor((from + to) / 2)
    local one = redis.call('LINDEX', log, middle)
    if timeOf(one) <= at then to, found = middle, one else from = middle + 1 end
  end
  if found then redis.call('LINSERT', log, 'BEFORE', found, entry) else redis.call('RPUSH', log, entry) end
end

-- The time of the nth newest, and whether its answer is still to come: then it may arrive as late as now, or later.
local function nth(log, n)
  for _ = 0, math.min(n, 32) do
    local entry = redis.call('LINDEX', log, n - 1)
    if not entry then return nil end
    local at = timeOf(entry)
    local id = string.match(entry, '%*(.+)$')
    if not id or at >= now then return at, id end
    local since = tonumber(string.match(id, '%*(%d+)$')) or at
    -- Its worker may have died.
    if since + answerMs < now then
      insert(log, since + answerMs, whole(since + answerMs))
    else
      insert(log, now, whole(now) .. '*' .. string.match(id, '^[^*]+') .. '*' .. whole(since))
    end
    -- Only now: an empty list is gone, and with it the time at which it is to expire.
    redis.call('LREM', log, -1, entry)
  end
  return now, true
end

local function freeInWindow(log, window, slow)
  local count, ms, burst = window[1], window[2] / slow, window[3]
  local at = now
  local last, isUnderWay = nth(log, count)
  if last then at = math.max(at, last + ms, isUnderWay and now + early + 1 or 0) end
  if burst < count then
    local even = redis.call('LINDEX', log, burst - 1)
    if even then at = math.max(at, timeOf(even) + ms * burst / count) end
  end
  return at
end

-- What a scope takes by experience is tried again, a little more each time; what held before is remembered.
local function share(key, slow, held, hold)
  if not slow then return 1 end
  if now < (tonumber(held) or 0) then return tonumber(slow) end
  local more = tonumber(slow) * 1.1
  if more >= 1 then
    redis.call('HDEL', key, 'slow', 'good', 'held', 'hold')
    return 1
  end
  redis.call('HSET', key, 'good', slow, 'slow', tostring(more), 'held', whole(now + tonumber(hold)))
  return more
end

-- When the next one may go in a scope, and how long one takes there at its rate.
local function freeIn(scope, urgent, idle, planned)
  if scope[5] then return freeForTurn(scope, planned, urgent, idle), 0 end
  if scope[4] then
    return planned + scope[4] < now and not urgent and freeForLate(scope, planned) or now, 0
  end
  local key = limitKey(scope[1])
  local said = redis.call('HMGET', key, 'until', 'front', 'busy', 'slow', 'held', 'hold', 'left', 'of', 'resets',
    'open', 'probed')
  local at, pace = math.max(now, tonumber(said[1]) or 0), 100
  -- Breaking news is what an account that rests is tried with.
  if urgent and said[10] then at = now end
  if not urgent then at = math.max(at, tonumber(said[2]) or 0) end
  local slow = share(key, said[4], said[5], said[6])
  local log = logKey(scope[1])
  for _, window in ipairs(scope[2]) do
    pace = math.max(pace == 100 and 0 or pace, window[2] / slow / window[1])
    at = math.max(at, scope[3] ~= '' and freeForPerson(scope, window) or freeInWindow(log, window, slow))
  end
  if said[10] then at = math.max(at, (tonumber(said[11]) or 0) + probeMs) end
  if idle then at = math.max(at, tonumber(said[3]) and tonumber(said[3]) + pace or 0) end
  local resets, left = tonumber(said[9]) or 0, tonumber(said[7]) or 1
  if resets > now then
    if left <= 0 then
      at = math.max(at, resets)
    elseif left < tonumber(said[8]) / 5 then
      -- What is left is spread over the time until it is renewed.
      local newest = redis.call('LINDEX', log, 0)
      if newest then at = math.max(at, timeOf(newest) + (resets - now) / left) end
    end
  end
  return at, pace, resets > now, said[10], (tonumber(said[3]) or 0) > now
end

-- Urgent ones that wait for a scope: nobody else goes before the last of them has come, or should have.
local function stepForward(key, id, at)
  local line, lasts = key .. ':front', whole(math.max(at - now, 0) + 86400000)
  redis.call('ZREMRANGEBYSCORE', line, '-inf', whole(now))
  redis.call('ZADD', line, whole(at), id)
  redis.call('HSET', key, 'front', redis.call('ZREVRANGE', line, 0, 0, 'WITHSCORES')[2])
  redis.call('PEXPIRE', line, lasts)
  redis.call('PEXPIRE', key, lasts)
end

local function stepBack(key, id)
  if redis.call('ZREM', key .. ':front', id) == 0 then return end
  local last = redis.call('ZREVRANGE', key .. ':front', 0, 0, 'WITHSCORES')[2]
  if last then redis.call('HSET', key, 'front', last) else redis.call('HDEL', key, 'front') end
end

-- `again`: an attempt before this one took its turn, and was not posted.
local function take(id, scope, at, counted, open, urgent, planned, again)
  if scope[4] or scope[5] then
    if not scope[5] and (planned + scope[4] >= now or urgent) then return end
    leaveLine(scope[1], scope[3])
    if hasGone(scope) and not (scope[5] and again) then return end
  end
  local key, log = limitKey(scope[1]), logKey(scope[1])
  local most, longest = 0, 0
  for _, window in ipairs(scope[2]) do
    most, longest = math.max(most, window[1]), math.max(longest, window[2])
  end
  if most > 0 then
    if scope[3] ~= '' then
      redis.call('ZADD', log, whole(at), scope[3])
    else
      local newest = redis.call('LINDEX', log, 0)
      local entry = whole(at) .. '*' .. id
      if newest and timeOf(newest) > at then insert(log, at, entry) else redis.call('LPUSH', log, entry) end
      redis.call('LTRIM', log, 0, most - 1)
    end
    redis.call('PEXPIRE', log, whole(longest * 20 + 60000))
  end
  if counted then redis.call('HINCRBY', key, 'left', -1) end
  if open then redis.call('HSET', key, 'probed', whole(at)) end
  if urgent then stepBack(key, id) end
end

-- The answer to a request is here: the platform had it at `at`, or before.
local function arrived(id, text, slot, at)
  for _, scope in ipairs(scopesIn(text)) do
    local log = logKey(scope[1])
    if #scope[2] > 0 and scope[3] == '' then
      local entry = slot .. '*' .. id
      local place = redis.call('LPOS', log, entry)
      if not place then
        local moved = '*' .. id .. '*' .. slot
        for _, one in ipairs(redis.call('LRANGE', log, 0, 255)) do
          if string.sub(one, -#moved) == moved then entry = one end
        end
        place = entry ~= slot .. '*' .. id and redis.call('LPOS', log, entry)
      end
      if place and entry == slot .. '*' .. id and tonumber(at) <= tonumber(slot) then
        redis.call('LSET', log, place, slot)
      elseif place then
        insert(log, tonumber(at), at)
        redis.call('LREM', log, 1, entry)
      end
    end
  end
end

-- Deliveries that wait for a scope stand in a lane, one for each channel: each has a slot of its own, so that each wakes
-- once. What holds up the first (somebody urgent, another channel, a word of the platform) shifts all behind it.
local function slotIn(r, lane, at, pace)
  local key = prefix .. ':lane:' .. lane
  local state = redis.call('HMGET', key, 'tail', 'shift')
  local tail, shift = tonumber(state[1]) or 0, tonumber(state[2]) or 0
  local slot
  if r.slot and r.lane == lane then
    slot = tonumber(r.slot) + shift - (tonumber(r.shift) or 0)
    if slot <= now + early then
      local late = at - math.max(now, slot)
      slot, shift, tail = at, shift + late, math.max(tail, slot) + late
    end
  else
    slot = math.max(at, tail + pace)
    tail = slot
  end
  redis.call('HSET', key, 'tail', whole(tail), 'shift', whole(shift))
  redis.call('PEXPIRE', key, whole(math.max(tail, slot) - now + 3600000))
  return slot, shift, tail
end

-- In a slow scope of more than one a window, what goes between changes the times of all behind it by seconds, and a turn
-- that is missed is lost: there a slot follows from the place in the lane. Whoever comes early gets another one.
local slowMs = 1000
local function isSlow(scope, pace) return pace > slowMs and scope[2][1] and scope[2][1][1] > 1 end
local function slotByPlace(id, lane, at, pace)
  local line = lineKey(lane)
  redis.call('ZADD', line, 'NX', whole(now), id)
  firstIn(line, 'ZRANGE', id)
  return standUntil(line, id, at + redis.call('ZRANK', line, id) * pace, pace)
end

local function standKey(key) return prefix .. ':limit:' .. key .. ':stand' end

-- Channels that want the same scope are served in turn: the first delivery of each has a place. Whether one that comes
-- now is behind others.
local function isBehind(scope, lane, r, at, pace)
  if r.lane == lane then return false end
  local first = redis.call('ZRANGEBYSCORE', standKey(scope[1]), whole(now), whole(at + pace), 'LIMIT', 0, 1)[1]
  return first and first ~= lane
end

local function placeIn(scope, lane, r, at, pace)
  local key = standKey(scope[1])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now - 1000))
  if r.lane ~= lane then
    if redis.call('ZSCORE', key, lane) then return at end
    local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
    if last then at = math.max(at, tonumber(last) + pace) end
  end
  redis.call('ZADD', key, whole(at), lane)
  redis.call('PEXPIRE', key, whole(at - now + 60000))
  return at
end

-- Takes from every scope, or from none. Returns nil and when it may go, or the slot at which it comes again.
local function takeLimits(id, r, text, channel)
  local scopes = scopesIn(text)
  if #scopes == 0 then return nil, now end
  local priority = tonumber(r.priority) or 10
  local urgent, idle, planned = priority <= 1, priority > 10, tonumber(r.planned) or now
  local at, tight, pace, paces, counted, open = now, nil, 0, {}, {}, {}
  local crowded, crowdedPace, hasSlow
  local ending = '|' .. channel .. (idle and '|low' or '')
  for i, scope in ipairs(scopes) do
    local free, own, isBusy
    free, own, counted[i], open[i], isBusy = freeIn(scope, urgent, idle, planned)
    paces[i] = own
    hasSlow = hasSlow or isSlow(scope, own)
    if free > at then at, tight, pace = free, scope, own end
    if isBusy and not urgent and not idle and isBehind(scope, scope[1] .. '|' .. channel, r, free, own) then
      crowded, crowdedPace = scope, own
    end
  end
  if at <= now + early and not crowded then
    -- Its turn in its lane, where it stands in one, is looked after by its slot.
    local waits = r.slot and r.lane and redis.call('HGET', prefix .. ':lane:' .. r.lane, 'shift')
    local slot = waits and tonumber(r.slot) + tonumber(waits) - (tonumber(r.shift) or 0) or 0
    -- Where a slow scope is free, its turn is not to be missed for that.
    if urgent or hasSlow or slot <= now + early then
      local again = count(r.parts) == 0 and (tonumber(r.attempts) or 0) > 0
      for i, scope in ipairs(scopes) do
        take(id, scope, at, counted[i], open[i], urgent, planned, again)
        if r.lane and r.lane ~= '' and isSlow(scope, paces[i]) then leaveLine(scope[1] .. ending, id) end
      end
      local waited = r.lane and string.match(r.lane, '^(.*)|')
      if waited then redis.call('ZREM', standKey(waited), r.lane) end
      return nil, at
    end
    return slot, tonumber(waits), r.lane, nil
  end
  if at <= now + early then tight, pace = crowded, crowdedPace end
  local key = limitKey(tight[1])
  if tight[5] then return tight[5] == 'wait' and at or tight[5], 0, '', tight[1] end
  if urgent then
    stepForward(key, id, at + early)
    return at, 0, '', tight[1]
  end
  if string.sub(tight[1], 1, 8) == 'circuit:' then
    -- Nobody knows when it ends: they come again over the next while, each at its own time.
    return at + (tonumber(string.sub(id, -6), 16) or 0) % spreadMs, 0, '', tight[1]
  end
  if tight[4] then return at, 0, '', tight[1] end
  local lane = tight[1] .. ending
  if not idle then at = placeIn(tight, lane, r, at, pace) end
  local slot, shift, tail
  if isSlow(tight, pace) then
    slot, shift = slotByPlace(id, lane, at, pace * (idle and 1 or math.max(1, redis.call('ZCARD', standKey(tight[1]))))), 0
    tail = slot
  else
    slot, shift, tail = slotIn(r, lane, at, pace)
  end
  if not idle then
    local busy = math.max(tail, tonumber(redis.call('HGET', key, 'busy')) or 0)
    redis.call('HSET', key, 'busy', whole(busy))
    redis.call('PEXPIRE', key, whole(busy - now + 86400000))
  end
  return slot, shift, lane, tight[1]
end
