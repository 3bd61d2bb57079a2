-- Stands after scopes.lua, before limits.lua: scopes that count articles, and let them in one by one. What waits for such a scope stands in
-- a line, and only the first may go: who ended elsewhere, or does not come in time, loses its place.
local gatherMs, missedMs, lookMs = 5000, 60000, 3600000
local function lineKey(key) return prefix .. ':limit:' .. key .. ':line' end

-- The first in line (`order`: 'ZRANGE', or 'ZREVRANGE' where the highest score is first).
local function firstIn(line, order, who)
  local missed = redis.call('ZRANGEBYSCORE', line .. ':due', '-inf', '(' .. whole(now - missedMs), 'LIMIT', 0, 100)
  for _, one in ipairs(missed) do
    if one ~= who then
      redis.call('ZREM', line, one)
      redis.call('ZREM', line .. ':due', one)
    end
  end
  return redis.call(order, line, 0, 0)[1]
end

local function standUntil(line, who, due, windowMs)
  -- Ranks change: it looks again now and then.
  due = math.min(due, now + lookMs)
  redis.call('ZADD', line .. ':due', whole(due), who)
  for _, name in ipairs({ line, line .. ':due' }) do redis.call('PEXPIRE', name, whole(windowMs + lookMs * 2)) end
  return due
end

local function leaveLine(key, who)
  redis.call('ZREM', lineKey(key), who)
  redis.call('ZREM', lineKey(key) .. ':due', who)
end

-- Whether the article went already, to another person of the same list say: then it costs nothing.
local function hasGone(scope)
  local before = redis.call('ZSCORE', logKey(scope[1]), scope[3])
  return before and tonumber(before) > now - scope[2][1][2]
end

-- When one article of a backlog may go: the newest first, so many in a window; the first waits a little for the others.
local function freeForLate(scope, planned)
  local window, who = scope[2][1], scope[3]
  if hasGone(scope) then return now end
  local line = lineKey(scope[1])
  local isNew = redis.call('ZADD', line, 'NX', whole(planned), who) == 1
  redis.call('ZADD', line .. ':due', 'NX', whole(now + gatherMs), who)
  local due = tonumber(redis.call('ZSCORE', line .. ':due', who))
  local head = firstIn(line, 'ZREVRANGE', who)
  if not isNew and head == who and due <= now + early then
    local free = freeForPerson(scope, window)
    if free <= now + early then return free end
    due = free
  else
    local rank = redis.call('ZREVRANK', line, who)
    local room = window[1] - redis.call('ZCOUNT', logKey(scope[1]), '(' .. whole(now - window[2]), '+inf')
    local at = rank < room and now + (isNew and gatherMs or 0) + rank * 1000
      or freeForPerson(scope, window) + (rank - math.max(0, room)) * window[2] / window[1]
    due = math.max(at, now + early + 1)
  end
  return standUntil(line, who, due, window[2])
end

-- The place in line by the channel's own rhythm: breaking news first, low last, the rest as they were due. Of what is late
-- when it comes first (a backlog) the newest goes first, after what is not; what the rhythm itself delays is no backlog.
local backlog, lateFrom = 5e12, 2.5e12
-- Returns the place, and whether it joins a backlog now.
local function placeInTurn(scope, line, planned, urgent, idle)
  local among = urgent and -1e13 or idle and 1e13 or 0
  local before = tonumber(redis.call('ZSCORE', line, scope[3]) or '')
  local isLate = scope[4] and not urgent and planned + scope[4] < now
  if before then isLate = before - among > lateFrom end
  return among + (isLate and backlog - planned or planned), isLate and not before
end

-- When one article may go by its channel's own rhythm.
local function freeForTurn(scope, planned, urgent, idle)
  local window, who = scope[2][1], scope[3]
  if hasGone(scope) then return now end
  local free = freeForPerson(scope, window)
  if scope[5] ~= 'wait' then return free end
  local line = lineKey(scope[1])
  local place, joins = placeInTurn(scope, line, planned, urgent, idle)
  redis.call('ZADD', line, whole(place), who)
  redis.call('ZADD', line .. ':due', 'NX', whole(now), who)
  -- The first of a backlog waits a little for the others.
  if joins then return standUntil(line, who, now + gatherMs, window[2]) end
  firstIn(line, 'ZRANGE', who)
  local rank = redis.call('ZRANK', line, who)
  local log, since = logKey(scope[1]), '(' .. whole(now - window[2])
  local gone = redis.call('ZCOUNT', log, since, '+inf')
  local behind = rank - (window[1] - gone)
  -- Those before it have their room too.
  if behind < 0 and free <= now + early then return free end
  -- It takes the room of one that is in the window now, or of one before it in the line.
  local leaves = free - window[2]
  if behind >= gone then
    local before = redis.call('ZRANGE', line, behind - gone, behind - gone)[1]
    leaves = math.max(now, tonumber(redis.call('ZSCORE', line .. ':due', before) or now))
  elseif behind >= 0 then
    leaves = tonumber(redis.call('ZRANGEBYSCORE', log, since, '+inf', 'WITHSCORES', 'LIMIT', behind, 1)[2])
  end
  return standUntil(line, who, math.max(leaves + window[2], now + early + 1), window[2])
end
