-- Begins a fan-out, once: who comes again finds it as it was begun.
-- ARGV: prefix, id, then names and values of its fields.
-- Returns its `variants`.
local key = fanoutKey(ARGV[2])
if redis.call('EXISTS', key) == 0 then
  redis.call('HSET', key, 'base', whole(now), 'left', 0, 'total', 0, 'planned',
    redis.call('HGET', prefix .. ':delivery:' .. ARGV[2], 'planned') or whole(now), unpack(ARGV, 3))
  redis.call('HSET', prefix .. ':delivery:' .. ARGV[2], 'list', '1')
  redis.call('ZADD', prefix .. ':fanouts:cutting', whole(now), ARGV[2])
  redis.call('ZADD', prefix .. ':fanouts:all', whole(now), ARGV[2])
end
return redis.call('HGET', key, 'variants')
