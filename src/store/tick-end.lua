-- Records how a run ended.
-- ARGV: prefix, schedule, instant, token, state ('done', 'failed', 'skipped', or 'waiting': to be run again), note, for
--       'waiting' after how long (ms), how long records are kept (ms). Returns 0 where the run is another's by now.
local schedule, at, state, note = ARGV[2], ARGV[3], ARGV[5], ARGV[6]
local key = keyOf(schedule, at)
if redis.call('HGET', key, 'token') ~= ARGV[4] then return 0 end
if state ~= 'waiting' then
  finish(schedule, at, state, note, ARGV[8])
  return 1
end
redis.call('HSET', key, 'state', 'waiting', 'ended', whole(now), 'note', note)
redis.call('HDEL', key, 'token', 'until')
redis.call('ZADD', open, whole(now + tonumber(ARGV[7])), schedule .. ' ' .. at)
if redis.call('GET', runOf(schedule)) == at then redis.call('DEL', runOf(schedule)) end
return 1
