-- Stands before every script that moves deliveries between states. ARGV[1]: prefix.
local prefix = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Of the records as written here: plain posts, and deliveries that follow others. A process leaves those of a newer one
-- alone.
local schema, followSchema = 2, 3
local function isNewer(given) return (tonumber(given) or 1) > followSchema end

-- The same as in core/delivery.ts, which a test compares.
local allowed = {
  scheduled = { sending = true, published = true, unconfirmed = true, discarded = true, cancelled = true },
  sending = { sending = true, published = true, retryable = true, unconfirmed = true, rejected = true, discarded = true,
    cancelled = true },
  retryable = {
    sending = true, published = true, unconfirmed = true, rejected = true, discarded = true, cancelled = true },
  unconfirmed = {
    unconfirmed = true, published = true, retryable = true, rejected = true, discarded = true, cancelled = true },
  published = { rejected = true, retryable = true },
  rejected = { retryable = true },
  discarded = { published = true, retryable = true },
  cancelled = { published = true, retryable = true },
}

-- As text: Redis formats every number that it is given, slowly.
local function whole(number) return string.format('%.0f', number) end

-- Something that people should know of (store/alarms.ts): a record of each kind and subject, by which it is told, and an
-- entry in the stream. `fields`: names and values. `times`: how often it happened.
local keptAlarmMs = 604800000
local function raise(kind, subject, fields, times)
  local id = kind .. ' ' .. subject
  local key = prefix .. ':alarm:' .. id
  local before = redis.call('HMGET', key, 'since', 'over')
  if before[2] or not before[1] then
    redis.call('HDEL', key, 'over', 'overTold')
    redis.call('HSET', key, 'kind', kind, 'subject', subject, 'since', whole(now))
  end
  local detail = {}
  for i = 1, #fields, 2 do detail[fields[i]] = fields[i + 1] end
  redis.call('HSETNX', key, 'untoldSince', whole(now))
  redis.call('HINCRBY', key, 'untold', times or 1)
  redis.call('HSET', key, 'last', whole(now), 'detail', next(detail) and cjson.encode(detail) or '{}')
  redis.call('PEXPIRE', key, keptAlarmMs)
  redis.call('ZADD', prefix .. ':alarms:new', 'NX', 0, id)
  redis.call('ZADD', prefix .. ':alarms:recent', whole(now), id)
  redis.call('HINCRBY', prefix .. ':alarms:counts', kind, times or 1)
  redis.call('XADD', prefix .. ':alarms', 'MAXLEN', '~', '1000', '*', 'kind', kind, 'subject', subject, unpack(fields))
end
-- It is over; that is told where it was told itself.
local function isOver(kind, subject)
  local id = kind .. ' ' .. subject
  local key = prefix .. ':alarm:' .. id
  if redis.call('EXISTS', key) == 0 or redis.call('HSETNX', key, 'over', whole(now)) == 0 then return end
  redis.call('ZADD', prefix .. ':alarms:new', 0, id)
end

-- Whether an article of breaking news goes live is watched from the time it is due.
local function watch(article, due) redis.call('ZADD', prefix .. ':alarms:watch', 'NX', whole(due), article) end

-- The state lists are written once for the whole batch: calls of their own would cost more than all else here.
local put
local leaving, entering, events, asking, asked, unposted, inDoubt = {}, {}, {}, {}, {}, {}, {}
local function list(lists, state)
  lists[state] = lists[state] or {}
  return lists[state]
end
-- `score`: when the state was reached, or for those that wait when they are due.
local function move(id, from, to, score)
  if not (allowed[from] and allowed[from][to]) then error('no way from ' .. from .. ' to ' .. to) end
  if from ~= to then table.insert(list(leaving, from), id) end
  local members = list(entering, to)
  table.insert(members, score)
  table.insert(members, id)
  if from == 'unconfirmed' and to ~= from then table.insert(asked, id) end
  if from ~= to or to == 'unconfirmed' then table.insert(events, id .. ' ' .. to) end
  if to == 'rejected' or to == 'discarded' then unposted[id] = to end
end
-- It stays in its state, and is due at another time.
local function postpone(id, state, due)
  local members = list(entering, state)
  table.insert(members, due)
  table.insert(members, id)
end
-- The platform is to be asked at `due`.
local function askAt(id, due)
  table.insert(asking, due)
  table.insert(asking, id)
end
-- Half of a transaction can come back with a Redis that died in it twice: what is listed elsewhere is put right.
local function mend(id, state, held)
  for other in pairs(allowed) do
    if other ~= state then redis.call('ZREM', prefix .. ':state:' .. other, id) end
  end
  redis.call('ZADD', prefix .. ':state:' .. state, 'NX', whole(now), id)
  redis.call('ZREM', prefix .. ':asking', id)
  if held then redis.call('ZADD', prefix .. ':held', 'NX', whole(now), id)
  else redis.call('ZREM', prefix .. ':held', id) end
end
-- A person has to decide: one alarm each.
local function alarm(id)
  redis.call('ZREM', prefix .. ':asking', id)
  table.insert(events, id .. ' held')
  redis.call('ZADD', prefix .. ':held', whole(now), id)
  inDoubt[id] = 'unconfirmed'
end
-- What is dropped as the config asks for is no alarm.
local asConfigured = { budget = true, cap = true, closed = true, digest = true, ['digest-failed'] = true, folded = true,
  unchanged = true, left = true, ['not-live'] = true, ['in-digest'] = true, nobody = true }
-- One alarm of each kind and subject for the whole batch.
local function raiseAll(kind, ids)
  local alarms = {}
  for id, state in pairs(ids) do
    local about = redis.call('HMGET', prefix .. ':delivery:' .. id, 'channel', 'article', 'failure')
    local failure = about[3] and cjson.decode(about[3]) or {}
    local code = type(failure.code) == 'string' and failure.code or nil
    local reason = type(failure.reason) == 'string' and failure.reason or nil
    local subject = (about[1] or '?') .. (kind == 'failed' and ' ' .. (code or state) or '')
    if state ~= 'discarded' or not asConfigured[code or ''] then
      local one = alarms[subject] or { times = 0 }
      one.times = one.times + 1
      one.fields = { 'channel', about[1] or '?', 'delivery', id, 'article', about[2] or '?', 'state', state }
      for name, value in pairs({ code = code, reason = reason }) do put(one.fields, name, value) end
      alarms[subject] = one
    end
  end
  for subject, one in pairs(alarms) do raise(kind, subject, one.fields, one.times) end
end
-- Below: whatever follows these goes on.
local wakeFollowers
local function flush()
  local settled = asked
  for state, ids in pairs(leaving) do redis.call('ZREM', prefix .. ':state:' .. state, unpack(ids)) end
  for state, members in pairs(entering) do redis.call('ZADD', prefix .. ':state:' .. state, unpack(members)) end
  if #asked > 0 then
    redis.call('ZREM', prefix .. ':asking', unpack(asked))
    redis.call('ZREM', prefix .. ':held', unpack(asked))
  end
  if #asking > 0 then redis.call('ZADD', prefix .. ':asking', unpack(asking)) end
  if #events > 0 then redis.call('PUBLISH', prefix .. ':events', table.concat(events, '\n')) end
  -- Whatever becomes of these, the states are written.
  if next(inDoubt) then pcall(raiseAll, 'held', inDoubt) end
  if next(unposted) then pcall(raiseAll, 'failed', unposted) end
  leaving, entering, events, asking, asked, unposted, inDoubt = {}, {}, {}, {}, {}, {}, {}
  if #settled > 0 then wakeFollowers(settled) end
end

-- One record that makes no sense must not take the rest of its batch with it.
local function try(work, ...)
  local done, reply = pcall(work, ...)
  if done then return reply end
  return nil, type(reply) == 'table' and reply.err or tostring(reply)
end

local kept = 60
-- Field names and values to write, beginning with one line of history. `about`: a JSON object, or nil.
local function fieldsWith(key, n, attempt, event, about)
  n = (tonumber(n) or 0) + 1
  if n > kept then redis.call('HDEL', key, 'h' .. (n - kept)) end
  local line = '[' .. whole(now) .. ',' .. (attempt or 0) .. ',"' .. event .. '"' .. (about and ',' .. about or '') .. ']'
  return { 'n', n, 'h' .. n, line }
end
put = function(fields, name, value)
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end

local function count(parts)
  if not parts or parts == '' or parts == '[]' then return 0 end
  return #cjson.decode(parts)
end
local function append(parts, receipt)
  if count(parts) == 0 then return '[' .. receipt .. ']' end
  return string.sub(parts, 1, -2) .. ',' .. receipt .. ']'
end

-- What the queue needs to find a delivery again, by its record: the same as `DeliveryJob` in articles.ts.
local function jobOf(id, r, due)
  local job = { delivery = id, article = r.article, version = tonumber(r.version), channel = r.channel,
    platform = r.platform, priority = tonumber(r.priority), due = tonumber(due) }
  if r.recipient and r.recipient ~= '' then job.recipient = r.recipient end
  if r.act and r.act ~= '' then job.act = r.act end
  return job
end

-- What nobody knew the end of is settled: what follows it need not wait any more.
wakeFollowers = function(ids)
  for _, before in ipairs(ids) do
    local id = redis.call('HGET', prefix .. ':delivery:' .. before, 'follower')
    if id then
      local key = prefix .. ':delivery:' .. id
      local values = redis.call('HMGET', key, 'state', 'waits', 'article', 'version', 'channel', 'platform', 'recipient',
        'priority', 'act')
      local state, waits = values[1], values[2]
      if (state == 'scheduled' or state == 'retryable') and (waits == 'maybe' or waits == 'follows') then
        local job = jobOf(id, { article = values[3], version = values[4], channel = values[5], platform = values[6],
          recipient = values[7] or nil, priority = values[8], act = values[9] or nil }, whole(now))
        job.wake = true
        redis.call('HSET', key, 'due', whole(now))
        redis.call('ZADD', prefix .. ':state:' .. state, whole(now), id)
        redis.call('ZADD', prefix .. ':outbox', now, cjson.encode(job))
        redis.call('PUBLISH', prefix .. ':wake', id)
      end
    end
  end
end

-- In budgets.lua: what an attempt took goes back where nothing was sent.
local giveBack
-- Remote ids of messages that failed for good: what is told of them again is no news of those sent after them.
local function giveUp(key, remoteId)
  redis.call('HSET', key, 'gone', append(redis.call('HGET', key, 'gone'), cjson.encode(remoteId)))
end
local function isGone(gone, remoteId)
  return gone ~= nil and string.find(gone, cjson.encode(remoteId), 1, true) ~= nil
end

-- Whose remote id it is: kept for three days, a list for each account and day.
local day = math.floor(now / 86400000)
local function remoteKey(account, which) return prefix .. ':remote:' .. account .. ':' .. which end
local function ownerOf(account, remoteId)
  return redis.call('HGET', remoteKey(account, day), remoteId)
    or redis.call('HGET', remoteKey(account, day - 1), remoteId)
end
local function own(account, remoteId, id)
  local key = remoteKey(account, day)
  if redis.call('HSETNX', key, remoteId, id) == 1 and redis.call('HLEN', key) == 1 then
    redis.call('EXPIRE', key, 259200)
  end
end

-- A late answer tells of a message that was given up: what takes its article away begins again.
local function reopen(key)
  local id = redis.call('HGET', key, 'follower')
  if not id then return end
  local own = prefix .. ':delivery:' .. id
  local values = redis.call('HMGET', own, 'article', 'version', 'channel', 'platform', 'recipient', 'priority', 'act',
    'state', 'attempts', 'n')
  local state = values[8]
  if values[7] ~= 'retract' or (state ~= 'published' and state ~= 'discarded') then return end
  local r = { article = values[1], version = values[2], channel = values[3], platform = values[4],
    recipient = values[5] or nil, priority = values[6], act = 'retract' }
  local fields = fieldsWith(own, values[10], values[9], 'retryable', '{"reason":"a late answer tells of one more message"}')
  put(fields, 'state', 'retryable')
  put(fields, 'due', whole(now))
  put(fields, 'inflight', '')
  redis.call('HSET', own, unpack(fields))
  redis.call('HDEL', own, 'failure', 'waits')
  move(id, state, 'retryable', whole(now))
  redis.call('ZADD', prefix .. ':outbox', now, cjson.encode(jobOf(id, r, now)))
  redis.call('PUBLISH', prefix .. ':wake', id)
end

-- One more part is live, whoever says so: the rest goes on, or the delivery is done. Returns the new state.
local function live(id, key, r, receipt, total, event, about)
  local parts = append(r.parts, receipt)
  local done = count(parts) >= (tonumber(total) or 1)
  local to = done and 'published' or r.state == 'unconfirmed' and 'retryable' or r.state
  local fields = fieldsWith(key, r.n, r.attempts, event or (done and 'published' or 'part'), about)
  put(fields, 'parts', parts)
  put(fields, 'inflight', '')
  put(fields, 'since', '')
  if to ~= r.state then put(fields, 'state', to) end
  if to == 'retryable' and r.state ~= to then put(fields, 'due', whole(now)) end
  redis.call('HSET', key, unpack(fields))
  if done or r.state == 'unconfirmed' then
    -- What a message to one person costs may go back, should the platform report it as failed.
    local kept = r.cost and string.match(r.cost, ' [1-9]%d* [1-9]%d*$')
    redis.call('HDEL', key, 'failure', 'held', 'told', 'asks', 'asking', 'looks', 'code', kept and 'doubted' or 'cost',
      'doubted')
  elseif r.cost then
    -- What is live is paid for, whatever becomes of the next part.
    redis.call('HDEL', key, 'cost')
  end
  if to ~= r.state then move(id, r.state, to, whole(now)) end
  if r.state == 'cancelled' or r.state == 'discarded' then reopen(key) end
  return to
end

-- What the platform told of a message whose answer we did not get. Returns the new state.
local function hear(id, key, r, told, total)
  local report = cjson.decode(told)
  if report.status == 'failed' then
    local reason = report.reason or 'The platform reports that it could not be delivered.'
    local fields = fieldsWith(key, r.n, r.attempts, 'rejected', cjson.encode({ code = report.code, reason = reason }))
    put(fields, 'state', 'rejected')
    put(fields, 'inflight', '')
    put(fields, 'failure', cjson.encode({ class = 'rejected', code = report.code or cjson.null, reason = reason,
      at = report.at }))
    redis.call('HSET', key, unpack(fields))
    giveUp(key, report.remoteId)
    redis.call('HDEL', key, 'held', 'told', 'asks', 'asking', 'looks', 'code', 'doubted')
    move(id, r.state, 'rejected', whole(now))
    giveBack(key, redis.call('HGET', key, 'cost'))
    return 'rejected'
  end
  local receipt = cjson.encode({
    remoteId = report.remoteId, url = report.url, at = report.at, status = report.status })
  return live(id, key, r, receipt, total, nil, cjson.encode({ remoteId = report.remoteId, reason = report.how }))
end
