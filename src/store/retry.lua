-- An operator sends deliveries back that ended without being posted, each in one atomic step.
-- ARGV: prefix, then ids. Returns for each: {'retried' or 'refused', state}, {'missing'}, or {'fault', text}.
local epoch = redis.call('HMGET', prefix .. ':epoch', 'since')
local doubtSince = tonumber(epoch[1]) or 0

-- What is live stays live. What the platform told later that it did not arrive is sent again.
local function livingParts(parts)
  local living, gone = {}, {}
  for _, receipt in ipairs(count(parts) > 0 and cjson.decode(parts) or {}) do
    table.insert(receipt.status == 'failed' and gone or living, receipt)
  end
  return #living > 0 and cjson.encode(living) or '[]', #living, gone
end

local names = { 'state', 'article', 'version', 'channel', 'platform', 'recipient', 'priority', 'planned', 'parts',
  'attempts', 'n', 'schema', 'act' }

local function retry(id)
  local key = prefix .. ':delivery:' .. id
  local values = redis.call('HMGET', key, unpack(names))
  local r = {}
  for i, name in ipairs(names) do r[name] = values[i] or nil end
  if not r.state then return { 'missing' } end
  local back = r.state == 'rejected' or r.state == 'discarded' or r.state == 'cancelled'
  if not back or isNewer(r.schema) then return { 'refused', r.state } end
  local about = redis.call('HMGET', prefix .. ':article:' .. (r.article or ''), 'retracted', 'version')
  local isOver = about[1] or (count(r.parts) == 0 and (tonumber(about[2]) or 1) > (tonumber(r.version) or 1))
  if isOver and r.act ~= 'retract' then return { 'refused', r.state } end

  local planned = math.max(now, tonumber(r.planned) or 0)
  local due = planned
  -- It may have been sent back and sent before, and Redis has forgotten that: due since it ended, it is asked about
  -- first wherever a claim would ask.
  local ended = tonumber(redis.call('ZSCORE', prefix .. ':state:' .. r.state, id) or now)
  if ended < doubtSince and due == now then due = ended end

  local about = {}
  if count(r.parts) > 0 then
    local living, part, gone = livingParts(r.parts)
    about = { part = part, remoteId = gone[1] and gone[1].remoteId }
    if #gone > 0 then redis.call('HSET', key, 'parts', living) end
    for _, receipt in ipairs(gone) do giveUp(key, receipt.remoteId) end
  end
  local fields = fieldsWith(key, r.n, r.attempts, 'retried', next(about) and cjson.encode(about) or nil)
  put(fields, 'state', 'retryable')
  put(fields, 'attempts', 0)
  put(fields, 'planned', whole(planned))
  put(fields, 'due', whole(due))
  put(fields, 'inflight', '')
  put(fields, 'since', '')
  put(fields, 'again', '1')
  redis.call('HSET', key, unpack(fields))
  redis.call('HDEL', key, 'failure', 'held', 'told', 'asks', 'asking', 'looks', 'code', 'doubted')
  move(id, r.state, 'retryable', whole(due))
  if (tonumber(r.priority) or 10) <= 1 then watch(r.article, now) end

  redis.call('ZADD', prefix .. ':outbox', now, cjson.encode(jobOf(id, r, due)))
  return { 'retried', 'retryable' }
end

local replies = {}
for i = 2, #ARGV do
  local reply, fault = try(retry, ARGV[i])
  replies[#replies + 1] = reply or { 'fault', fault }
  flush()
end
redis.call('PUBLISH', prefix .. ':wake', '')
return replies
