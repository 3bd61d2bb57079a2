-- Moves the embargo of an article, or lifts it. What waits is judged anew at the moment of sending.
-- ARGV: prefix, article id, embargo (epoch ms, or '' for none). Returns 1, or 0 where it is not stored.
local article = prefix .. ':article:' .. ARGV[2]
if redis.call('EXISTS', article) == 0 then return 0 end
redis.call('HSET', article, 'embargo', ARGV[3])
local due = whole(math.max(now, tonumber(ARGV[3]) or 0))
redis.call('ZADD', prefix .. ':alarms:watch', 'XX', due, ARGV[2])
for _, id in ipairs(redis.call('LRANGE', article .. ':deliveries', 0, -1)) do
  local key = prefix .. ':delivery:' .. id
  local r = waitingRecord(key)
  -- The hours it waits for may be those after the embargo that is lifted.
  local isHeld = r and (r.waits == 'embargo' or string.sub(r.waits or '', 1, 10) == 'timetable:')
  if r and count(r.parts) == 0 and (tonumber(ARGV[3]) or isHeld) then
    redis.call('HSET', key, 'planned', due)
    comeAt(id, key, r, due, tonumber(due) > now and 'embargo' or nil)
  end
end
flush()
redis.call('PUBLISH', prefix .. ':wake', '')
return 1
