-- Makes the lease of a run longer. ARGV: prefix, schedule, instant, token, lease (ms). Returns 0 where it is another's by now.
local schedule, at, lease = ARGV[2], ARGV[3], tonumber(ARGV[5])
local key = keyOf(schedule, at)
if redis.call('HGET', key, 'token') ~= ARGV[4] then return 0 end
redis.call('HSET', key, 'until', whole(now + lease))
redis.call('ZADD', open, whole(now + lease), schedule .. ' ' .. at)
if redis.call('GET', runOf(schedule)) == at then redis.call('PEXPIRE', runOf(schedule), lease) end
return 1
