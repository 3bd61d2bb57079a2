-- Begins the run of a tick, under a lease.
-- ARGV: prefix, schedule, instant, token, lease (ms), '1' where runs must not overlap, most runs, how long records are kept (ms).
-- Returns {verdict, number}: 'run' and which run it is; 'busy' and after how long (ms) to come again; 'overlap': left out,
--         as another run is under way; 'spent': cut off too often; 'over': there is nothing to do.
local schedule, at, token, lease, most, kept = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[7]), ARGV[8]
local key = keyOf(schedule, at)
local r = redis.call('HMGET', key, 'state', 'attempts', 'until')
local state, attempts = r[1], tonumber(r[2]) or 0

if not state or final[state] then
  redis.call('ZREM', open, schedule .. ' ' .. at)
  return { 'over', 0 }
end
local left = (tonumber(r[3]) or 0) - now
if state == 'running' and left > 0 then return { 'busy', left } end
if attempts >= most then
  finish(schedule, at, 'failed', 'Cut off in each of ' .. attempts .. ' runs.', kept)
  return { 'spent', attempts }
end
if ARGV[6] == '1' then
  local other = redis.call('GET', runOf(schedule))
  if other and other ~= at then
    -- One that was begun is not given up for another.
    if attempts > 0 then return { 'busy', math.max(redis.call('PTTL', runOf(schedule)), 1) } end
    finish(schedule, at, 'skipped', 'Another run was still under way.', kept)
    return { 'overlap', 0 }
  end
  redis.call('SET', runOf(schedule), at, 'PX', lease)
end
redis.call('HSET', key, 'state', 'running', 'attempts', attempts + 1, 'started', whole(now), 'token', token,
  'until', whole(now + lease))
redis.call('HDEL', key, 'ended', 'note')
redis.call('ZADD', open, whole(now + lease), schedule .. ' ' .. at)
return { 'run', attempts + 1 }
