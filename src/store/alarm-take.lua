-- Puts an alarm into the queues of its targets, unless the same one was told a short while ago: that, and what was told,
-- in one step, so that several readers tell it once. Stands after state-lists.lua.
-- ARGV: prefix, id ('KIND SUBJECT'), how long it is told once (ms), severity, '1' where it lasts until it is over, then
--       for each target: its name, and when it may be told there (epoch ms).
-- Returns 'told', 'early' (looked at again later), or 'nothing'.
local id, dedupe, severity, lasts = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5] == '1'
local key, fresh = prefix .. ':alarm:' .. id, prefix .. ':alarms:new'
local mostQueued = 1000

local r = redis.call('HMGET', key, 'kind', 'subject', 'detail', 'since', 'untold', 'untoldSince', 'told', 'over',
  'overTold')
local since, untold, told, over = tonumber(r[4]), tonumber(r[5]) or 0, tonumber(r[7]), tonumber(r[8])
local isKnown = told ~= nil and since ~= nil and told >= since
local hasEnded = over ~= nil and not r[9] and isKnown
if not r[1] or severity == 'off' or (untold == 0 and not hasEnded) then
  redis.call('ZREM', fresh, id)
  redis.call('HDEL', key, 'untold', 'untoldSince')
  return 'nothing'
end
if not hasEnded and told and now < told + dedupe then
  redis.call('ZADD', fresh, whole(told + dedupe), id)
  return 'early'
end

local telling = cjson.encode({
  id = string.sub(redis.sha1hex(id .. whole(now)), 1, 24),
  kind = r[1],
  subject = r[2],
  detail = cjson.decode(r[3]),
  severity = severity,
  count = math.max(untold, 1),
  sinceMs = (lasts or untold == 0) and since or tonumber(r[6]) or since,
  again = lasts and isKnown,
  overMs = over,
})
redis.call('ZREM', fresh, id)
redis.call('HDEL', key, 'untold', 'untoldSince')
redis.call('HSET', key, 'told', whole(now), 'severity', severity)
if over then redis.call('HSET', key, 'overTold', '1') end
for i = 6, #ARGV, 2 do
  local queue = prefix .. ':alarms:to:' .. ARGV[i]
  redis.call('ZADD', queue, ARGV[i + 1], telling)
  redis.call('ZREMRANGEBYRANK', queue, 0, -mostQueued - 1)
  redis.call('PEXPIRE', queue, keptAlarmMs)
end
return 'told'
