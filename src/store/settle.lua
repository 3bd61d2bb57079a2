-- Records what came of claimed deliveries, one atomic step for a whole batch. Refused where the claim is lost.
-- ARGV: prefix, then for each: id, token, state, receipt JSON (or ''), failure JSON (or ''), due ms (or ''), spend (1 or 0).
-- state 'part': one part of several is live, the claim goes on without a part in flight.
-- Returns for each: the state the delivery is in now, or 'lost' where the token is not the record's.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function settle(id, token, state, receipt, failure, due, spend)
  local key = prefix .. ':delivery:' .. id
  local r = redis.call('HMGET', key, 'state', 'token', 'parts', 'attempts', 'failure')
  local from = r[1]
  -- A late "published" with the same token may close what was called unconfirmed in the meantime.
  local late = from == 'unconfirmed' and (state == 'published' or state == 'part')
  if r[2] ~= token or not (from == 'sending' or late) then return 'lost' end
  local fields = { 'inflight', '' }
  local function put(name, value)
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  if receipt ~= '' then
    put('parts', (r[3] and r[3] ~= '[]' and string.sub(r[3], 1, -2) .. ',' or '[') .. receipt .. ']')
  end
  if state == 'part' then
    redis.call('HSET', key, unpack(fields))
    return from
  end
  put('state', state)
  if failure ~= '' then put('failure', failure) end
  if due ~= '' then put('due', due) end
  if spend == '0' then put('attempts', r[4] - 1) end
  if state == 'unconfirmed' then put('held', '1') end
  redis.call('HSET', key, unpack(fields))
  if state == 'published' and r[5] then redis.call('HDEL', key, 'failure', 'held') end
  move(id, from, state, due ~= '' and due or now)
  table.insert(events, id .. ' ' .. state)
  return state
end

local replies, seen = {}, {}
for i = 2, #ARGV, 7 do
  local id = ARGV[i]
  if seen[id] then flush() end
  seen[id] = true
  replies[#replies + 1] =
    settle(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
end
flush()
return replies
