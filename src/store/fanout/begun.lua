-- A fan-out is begun: its delivery is on its way until its people have ended, whoever works on them.
-- ARGV: prefix, id, token of the attempt that began it.
-- Returns the state of the delivery.
local id = ARGV[2]
local key = prefix .. ':delivery:' .. id
local r = redis.call('HMGET', key, 'state', 'token')
if r[1] == 'sending' and r[2] == ARGV[3] and redis.call('HEXISTS', fanoutKey(id), 'ended') == 0 then
  redis.call('HSET', key, 'until', whole(now + longMs))
  postpone(id, 'sending', whole(now + longMs))
  table.insert(events, id .. ' sending')
  flush()
end
return r[1] or ''
