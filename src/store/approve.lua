-- A person says yes or no to deliveries that wait.
-- ARGV: prefix, 'yes' or 'no', then ids. Returns for each: {'approved', 'rejected' or 'refused', state}, or {'missing'}.
local function approve(id)
  local key = prefix .. ':delivery:' .. id
  local state = redis.call('HGET', key, 'state')
  if not state then return { 'missing' } end
  local r = waitingRecord(key)
  if not r or isNewer(r.schema) or (ARGV[2] == 'no' and count(r.parts) > 0) then return { 'refused', state } end
  redis.call('ZREM', prefix .. ':approvals', id)
  if ARGV[2] == 'no' then
    local fields = fieldsWith(key, r.n, r.attempts, 'cancelled', '{"reason":"a person said no"}')
    put(fields, 'state', 'cancelled')
    redis.call('HSET', key, unpack(fields))
    -- Should it be sent again, a yes of before counts for nothing.
    redis.call('HDEL', key, 'approved')
    move(id, r.state, 'cancelled', whole(now))
    return { 'rejected', 'cancelled' }
  end
  if r.approved ~= '1' then
    local fields = fieldsWith(key, r.n, r.attempts, 'approved', nil)
    put(fields, 'approved', '1')
    redis.call('HSET', key, unpack(fields))
  end
  if r.waits == 'approval' then comeAt(id, key, r, whole(now), nil) end
  return { 'approved', r.state }
end

local replies = {}
for i = 3, #ARGV do
  local reply, fault = try(approve, ARGV[i])
  replies[#replies + 1] = reply or { 'fault', fault }
  flush()
end
redis.call('PUBLISH', prefix .. ':wake', '')
return replies
