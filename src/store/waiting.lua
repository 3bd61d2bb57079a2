-- Stands after state-lists.lua, before scripts that change what waiting deliveries wait for.

local waitingNames = { 'state', 'article', 'version', 'channel', 'platform', 'recipient', 'priority', 'parts', 'attempts',
  'n', 'schema', 'waits', 'approved', 'slot', 'cleared', 'doubted', 'digest', 'act', 'planned', 'wish', 'again' }
local lastEpoch = redis.call('HMGET', prefix .. ':epoch', 'since', 'run', 'durable')
local doubtSince = tonumber(lastEpoch[1] or '') or 0
-- For scripts that may be the first to run after Redis came back; claims notice it by themselves.
local function noticeRestart()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
  if lastEpoch[2] and lastEpoch[2] ~= run and lastEpoch[3] ~= '1' then doubtSince = now end
end

-- The record of a delivery that waits for its time, or nil.
local function waitingRecord(key)
  local values = redis.call('HMGET', key, unpack(waitingNames))
  local r = {}
  for i, name in ipairs(waitingNames) do r[name] = values[i] or nil end
  if r.state == 'scheduled' or r.state == 'retryable' then return r end
end

-- Redis may have forgotten that it was sent for this already: due since before that, it is asked about first wherever a
-- claim would ask.
local function isForgotten(r)
  if doubtSince == 0 or (tonumber(r.cleared) or 0) >= doubtSince or (tonumber(r.doubted) or 0) >= doubtSince then
    return false
  end
  return (tonumber(redis.call('ZSCORE', prefix .. ':articles', r.article) or '') or 0) < doubtSince
end

-- It is due at another time, and its job wakes for that. `why`: what it waits for until then, or nil.
local function comeAt(id, key, r, due, why)
  if tonumber(due) <= now and isForgotten(r) then due = whole(doubtSince - 1) end
  redis.call('HSET', key, 'due', due)
  if why then redis.call('HSET', key, 'waits', why) else redis.call('HDEL', key, 'waits') end
  if r.slot then redis.call('HDEL', key, 'slot', 'lane', 'shift') end
  postpone(id, r.state, due)
  local job = jobOf(id, r, due)
  job.wake = true
  redis.call('ZADD', prefix .. ':outbox', now, cjson.encode(job))
end

-- It ends before anything of it is sent, because its article has changed or is withdrawn.
local function cancel(id, key, r, code, reason)
  local about = cjson.encode({ code = code, reason = reason })
  local fields = fieldsWith(key, r.n, r.attempts, 'cancelled', about)
  put(fields, 'state', 'cancelled')
  put(fields, 'inflight', '')
  put(fields, 'failure', cjson.encode({ class = 'cancelled', code = code, at = now, reason = reason }))
  redis.call('HSET', key, unpack(fields))
  redis.call('HDEL', key, 'slot', 'lane', 'shift', 'waits', 'approved')
  redis.call('ZREM', prefix .. ':approvals', id)
  redis.call('ZREM', prefix .. ':gathered:' .. (r.channel or ''), id)
  move(id, r.state, 'cancelled', whole(now))
end
local retractedReason = 'The article was retracted.'
local supersededReason = 'The article was corrected before this was sent; what follows has the new text.'

-- Cancels what waits and need not be asked about. Returns its record, or nil where it goes on.
local function cancelWaiting(id, code, reason, evenInPart)
  local key = prefix .. ':delivery:' .. id
  local r = waitingRecord(key)
  if not r or isNewer(r.schema) or r.digest or isForgotten(r) or (count(r.parts) > 0 and not evenInPart) then return nil end
  cancel(id, key, r, code, reason)
  return r
end

-- Stores a delivery that follows others. `d`: its fields; `job`: the outbox entry.
local function planFollower(id, d, job, inherited)
  local key = prefix .. ':delivery:' .. id
  local due = whole(now)
  redis.call('HSET', key, 'article', d.article, 'version', d.version, 'channel', d.channel, 'platform', d.platform,
    'recipient', d.recipient or '', 'state', 'scheduled', 'due', due, 'attempts', 0, 'priority', d.priority,
    'sandbox', d.sandbox and '1' or '', 'planned', inherited.planned or due, 'schema', followSchema, 'act', d.act,
    'follows', cjson.encode(d.follows))
  if inherited.wish then redis.call('HSET', key, 'wish', inherited.wish) end
  if inherited.again then redis.call('HSET', key, 'again', inherited.again) end
  for _, before in ipairs(d.follows) do redis.call('HSET', prefix .. ':delivery:' .. before, 'follower', id) end
  redis.call('ZADD', prefix .. ':state:scheduled', due, id)
  redis.call('RPUSH', prefix .. ':article:' .. d.article .. ':deliveries', id)
  redis.call('ZADD', prefix .. ':outbox', now, job)
end
