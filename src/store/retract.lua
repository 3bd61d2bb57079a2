-- Withdraws an article: from here on nothing of it is sent. What waits is cancelled, and what is or may be live gets a
-- delivery that takes it away.
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
  local mayBeLive = false
  for _, before in ipairs(d.follows) do
    cancelWaiting(before, 'retracted', retractedReason, true)
    local values = redis.call('HMGET', prefix .. ':delivery:' .. before, 'state', 'parts')
    local state = values[1] or nil
    if count(values[2] or nil) > 0 or state == 'sending' or state == 'unconfirmed' or state == 'scheduled'
      or state == 'retryable' then mayBeLive = true end
  end
  if mayBeLive then planFollower(ARGV[i], d, ARGV[i + 2], {}) end
end
flush()
redis.call('PUBLISH', prefix .. ':wake', id)
return 'retracted'
