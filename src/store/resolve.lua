-- A person settles a delivery that may be live.
-- ARGV: prefix, id, receipt JSON of the part in doubt (or '' where it is not live), outbox entry (the job's data).
-- Returns {'resolved' or 'refused', state} or {'missing'}.
local id, receipt, entry = ARGV[2], ARGV[3], ARGV[4]
local key = prefix .. ':delivery:' .. id
local values = redis.call('HMGET', key, 'state', 'parts', 'attempts', 'n', 'total', 'schema', 'cost')
local r = { state = values[1] or nil, parts = values[2] or nil, attempts = values[3], n = values[4] }
if not r.state then return { 'missing' } end
if r.state ~= 'unconfirmed' or isNewer(values[6]) then return { 'refused', r.state } end
local to
if receipt ~= '' then
  to = live(id, key, r, receipt, values[5], 'resolved', '{"reason":"published"}')
else
  to = 'retryable'
  giveBack(key, values[7])
  local fields = fieldsWith(key, r.n, r.attempts, 'resolved', '{"reason":"not published"}')
  put(fields, 'state', to)
  put(fields, 'inflight', '')
  put(fields, 'due', whole(now))
  put(fields, 'cleared', whole(now))
  redis.call('HSET', key, unpack(fields))
  redis.call('HDEL', key, 'held', 'asks', 'asking', 'looks', 'code', 'doubted')
  move(id, 'unconfirmed', to, whole(now))
end
if to == 'retryable' then
  redis.call('ZADD', prefix .. ':outbox', now, entry)
  redis.call('PUBLISH', prefix .. ':wake', id)
end
flush()
return { 'resolved', to }
