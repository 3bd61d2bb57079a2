-- Withdraws an article: from here on nothing of it is sent. What waits is cancelled, and each channel (and person) gets a
-- delivery that takes away what is there.
-- ARGV: prefix, article id, how many deliveries there are, why (or ''), then for each channel (and person): id of the
--       delivery, JSON of its fields (as in correct.lua), outbox JSON.
-- Returns 'retracted'; 'already'; 'changed' where it has other deliveries by now; or 'missing'.
noticeRestart()
local id = ARGV[2]
local article = prefix .. ':article:' .. id
local about = redis.call('HMGET', article, 'version', 'retracted')
if not about[1] then return 'missing' end
if about[2] then return 'already' end
if redis.call('LLEN', article .. ':deliveries') ~= tonumber(ARGV[3]) then return 'changed' end
redis.call('HSET', article, 'retracted', whole(now), 'retractedWhy', ARGV[4])
redis.call('ZREM', prefix .. ':evergreen', id)
redis.call('ZREM', prefix .. ':alarms:watch', id)
-- Digests and what was shared again are looked after by whoever reads this.
redis.call('ZADD', prefix .. ':retracting', whole(now), id)

for i = 5, #ARGV, 3 do
  local d = cjson.decode(ARGV[i + 1])
  for _, before in ipairs(d.follows) do cancelWaiting(before, 'retracted', retractedReason, true) end
  -- Also where nothing is live: what a late answer tells is taken away then.
  planFollower(ARGV[i], d, ARGV[i + 2], {})
end
flush()
redis.call('PUBLISH', prefix .. ':wake', id)
return 'retracted'
