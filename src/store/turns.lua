-- Stands after scopes.lua, before limits.lua: scopes that count articles, and let them in one by one. What waits for such a scope stands in
-- a line, and only the first may go: who ended elsewhere, or does not come in time, loses its place.
local gatherMs, missedMs, lookMs = 5000, 60000, 3600000
local function lineKey(key) return prefix .. ':limit:' .. key .. ':line' end

-- The first in line (`order`: 'ZRANGE', or 'ZREVRANGE' where the highest score is first).
local function firstIn(line, order, who)
  local head = redis.call(order, line, 0, 0)[1]
  while head ~= who and (tonumber(redis.call('ZSCORE', line .. ':due', head) or '') or 0) < now - missedMs do
    redis.call('ZREM', line, head)
    redis.call('ZREM', line .. ':due', head)
    head = redis.call(order, line, 0, 0)[1]
  end
  return head
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

-- When one article may go by its channel's own rhythm: breaking news first, low last, the rest as they were due.
local function freeForTurn(scope, planned, urgent, idle)
  local window, who = scope[2][1], scope[3]
  if hasGone(scope) then return now end
  local free = freeForPerson(scope, window)
  if scope[5] ~= 'wait' then return free end
  local line = lineKey(scope[1])
  redis.call('ZADD', line, whole(planned + (urgent and -1e13 or idle and 1e13 or 0)), who)
  redis.call('ZADD', line .. ':due', 'NX', whole(now), who)
  firstIn(line, 'ZRANGE', who)
  local rank = redis.call('ZRANK', line, who)
  local room = window[1] - redis.call('ZCOUNT', logKey(scope[1]), '(' .. whole(now - window[2]), '+inf')
  -- Those before it have their room too.
  if rank < room and free <= now + early then return free end
  local due = math.max(free, now) + (rank - math.max(0, room)) * window[2] / window[1]
  return standUntil(line, who, math.max(due, now + early + 1), window[2])
end
