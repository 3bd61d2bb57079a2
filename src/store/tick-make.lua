-- Records the ticks that are due, each once, whoever asks.
-- ARGV: prefix, how many records a schedule keeps, for how long (ms), after how long (ms) a rhythm that nobody asks about
--       is no more, then for each schedule: id, rhythm (zone and expression), up to where the asker knows it to be handled
--       (ms, or '' where it does not), grace (ms), what happens to missed ticks ('once', 'skip'), how many instants follow,
--       and these, in order: all ticks after what is known to be handled.
-- Returns {entries in the outbox, then for each schedule: up to where it is handled, how many are to be run, how many were
--          missed, the first of these, the last of these (or '')}.
local keptCount, keptMs, forgetMs = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local rhythms = prefix .. ':schedules'
local seenMs = 2000

local function make(schedule, at, state, note)
  local key = keyOf(schedule, at)
  if redis.call('EXISTS', key) == 1 then return false end
  redis.call('HSET', key, 'state', state, 'made', whole(now), 'attempts', 0)
  redis.call('ZADD', listOf(schedule), at, at)
  if state == 'waiting' then
    redis.call('ZADD', open, whole(now), schedule .. ' ' .. at)
    redis.call('ZADD', outbox, whole(now), schedule .. ' ' .. at)
  else
    finish(schedule, at, state, note, keptMs)
  end
  return true
end

-- What is not finished is kept, however old.
local function trim(schedule)
  local list = listOf(schedule)
  local over = redis.call('ZCARD', list) - keptCount
  local old = redis.call('ZRANGEBYSCORE', list, '-inf', whole(now - keptMs), 'LIMIT', 0, 1000)
  local oldest = over > 0 and redis.call('ZRANGE', list, 0, over - 1) or {}
  for _, at in ipairs(#old > #oldest and old or oldest) do
    local state = redis.call('HGET', keyOf(schedule, at), 'state')
    if not state or final[state] then
      redis.call('DEL', keyOf(schedule, at))
      redis.call('ZREM', list, at)
    end
  end
  redis.call('PEXPIRE', list, keptMs)
end

local asked = {}
local reply = {}
local i = 5
while i <= #ARGV do
  local id, known, grace, policy, count = ARGV[i], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), ARGV[i + 4], tonumber(ARGV[i + 5])
  local rhythm = id .. ' ' .. ARGV[i + 1]
  asked[rhythm] = true
  local stored = redis.call('HGET', rhythms, rhythm)
  local handled, seen = string.match(stored or '', '^(%d+) (%d+)$')
  -- One that is new begins now.
  handled, seen = tonumber(handled) or now, tonumber(seen) or 0
  local before = handled
  local due, newest = {}, nil
  -- Where the asker knows of more than is on record, Redis has lost something: it is told, and asks again.
  if stored and known and known <= handled then
    for n = i + 6, i + 5 + count do
      local at = tonumber(ARGV[n])
      if at > handled and at <= now then
        table.insert(due, ARGV[n])
        if now - at > grace then newest = ARGV[n] end
      end
    end
  end
  local made, missed, first, last = 0, 0, '', ''
  for _, at in ipairs(due) do
    if now - tonumber(at) <= grace or (policy == 'once' and at == newest) then
      if make(id, at, 'waiting') then made = made + 1 end
    elseif make(id, at, 'missed', 'No scheduler was there in time.') then
      missed = missed + 1
      if first == '' then first = at end
      last = at
    end
    handled = tonumber(at)
  end
  if made + missed > 0 then trim(id) end
  if not stored or handled ~= before or now - seen > seenMs then
    redis.call('HSET', rhythms, rhythm, whole(handled) .. ' ' .. whole(now))
  end
  for _, value in ipairs({ whole(handled), made, missed, first, last }) do table.insert(reply, value) end
  i = i + 6 + count
end

-- Those that no scheduler has any more: should they come back, they are new.
local all = redis.call('HGETALL', rhythms)
for n = 1, #all, 2 do
  local seen = tonumber(string.match(all[n + 1], ' (%d+)$'))
  if not asked[all[n]] and now - seen > forgetMs then redis.call('HDEL', rhythms, all[n]) end
end

table.insert(reply, 1, redis.call('ZCARD', outbox))
return reply
