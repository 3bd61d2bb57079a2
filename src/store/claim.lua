-- Claims deliveries for sending, or for asking about them, one atomic step for a whole batch.
-- ARGV: prefix, lease ms, quarantine ms, durable ('1' where a restart of Redis loses nothing, '0' where it may, '' where
--       nobody has looked yet), most attempts, then for each: id, token, post hash, parts of the post, account, channel, stale after ms (or ''), way: how an end that
--       nobody knows is settled ('find': the platform is asked, 'status': it tells, 'hold': by a person, 'resend': sent
--       again; 'repeat': done again, which changes nothing), scopes as JSON (see limits.lua; or ''), charge as JSON (see budgets.lua; or ''), and what happens where
--       the budget does not cover it: 'hold', 'stop', or 'tell' (nothing is written), the hours of its channel,
--       whether a person has to say yes, whether it goes into a digest (see gate.lua), and what it finds of those that
--       it follows (see follow.lua; or '').
-- Returns for each: {verdict, detail, ...}; see claims.ts. Times in replies are milliseconds from now.
local lease, quarantine, durable = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local maxAttempts = tonumber(ARGV[5])
local leaseEnd = whole(now + lease)
local anyPaused = redis.call('HLEN', prefix .. ':paused') > 0

-- A Redis that came back without its last writes may show as waiting what was sent: since then, ask first. What counts
-- is how it was set before: at the run that ended, not at this one.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local epoch = redis.call('HMGET', prefix .. ':epoch', 'run', 'since', 'durable')
doubtSince = tonumber(epoch[2]) or 0
if epoch[1] ~= run then
  if epoch[1] and epoch[3] ~= '1' then doubtSince = now end
  redis.call('HSET', prefix .. ':epoch', 'run', run, 'since', whole(doubtSince), 'durable', durable)
elseif durable ~= '' and epoch[3] ~= durable and epoch[3] ~= '0' then
  redis.call('HSET', prefix .. ':epoch', 'durable', durable)
end

-- Whether something later than this record, of the time before `doubtSince`, may be forgotten. `from`: when the record
-- could next have gone on.
local function isShaken(r, way, from)
  return way == 'find' and from < doubtSince and (tonumber(r.cleared) or 0) < doubtSince
    and (tonumber(r.doubted) or 0) < doubtSince
end
-- What a forgotten claim sent was under way for up to a lease, and may be accepted late.
local function shakenUntil() return math.max(now, doubtSince + lease + quarantine) end
local restarted = 'Redis restarted and may have lost its last writes: the platform is asked before anything is sent.'

local function failure(class, code, reason)
  return cjson.encode({ class = class, code = code or cjson.null, at = now, reason = reason })
end

local function doubt(id, key, r, way, due, code, reason)
  local fields = fieldsWith(key, r.n, r.attempts, 'unconfirmed', cjson.encode({ code = code, reason = reason }))
  put(fields, 'state', 'unconfirmed')
  put(fields, 'failure', failure('unconfirmed', code, reason))
  if way == 'hold' then put(fields, 'held', '1') else put(fields, 'due', whole(due)) end
  redis.call('HSET', key, unpack(fields))
  move(id, r.state, 'unconfirmed', whole(now))
  if way == 'hold' then
    alarm(id)
    return { 'settled', 'unconfirmed' }
  end
  askAt(id, whole(due))
  return { 'early', whole(math.max(0, due - now)) }
end

local function shake(id, key, r, way, sent)
  redis.call('HSET', key, 'inflight', sent, 'doubted', whole(doubtSince))
  return doubt(id, key, r, way, shakenUntil(), 'redis-restart', restarted)
end

local function ask(id, key, r, way)
  local more = redis.call('HMGET', key, 'held', 'asks', 'looks', 'code', 'asking')
  if more[1] == '1' then
    mend(id, 'unconfirmed', true)
    return { 'settled', 'unconfirmed' }
  end
  if isShaken(r, way, tonumber(r.due)) then
    -- It may have been found absent and sent again: what was seen before counts for nothing.
    local due = shakenUntil()
    local fields = fieldsWith(key, r.n, r.attempts, 'unconfirmed', cjson.encode({ code = 'redis-restart', reason = restarted }))
    put(fields, 'due', whole(due))
    put(fields, 'doubted', whole(doubtSince))
    redis.call('HSET', key, unpack(fields))
    redis.call('HDEL', key, 'looks', 'asking')
    askAt(id, whole(due))
    return { 'early', whole(due - now) }
  end
  local notBefore = math.max(tonumber(r.due), tonumber(more[5]) or 0)
  if notBefore > now then return { 'early', whole(notBefore - now) } end
  local asks = (tonumber(more[2]) or 0) + 1
  -- Whoever asks has a lease of its own; should it die, the next one asks again.
  redis.call('HSET', key, 'asks', asks, 'asking', leaseEnd)
  askAt(id, leaseEnd)
  return { 'ask', tostring(asks), r.attempts, r.parts or '[]', r.post or '', r.since ~= '' and r.since or r.planned,
    more[3] or '0', more[4] or '', r.total or '1', leaseEnd }
end

local names = { 'state', 'token', 'until', 'due', 'inflight', 'attempts', 'parts', 'planned', 'n', 'schema', 'post',
  'total', 'since', 'cleared', 'doubted', 'priority', 'slot', 'lane', 'shift', 'waits', 'cost', 'article', 'wish',
  'approved', 'again', 'digest', 'act', 'follows', 'version', 'channel', 'recipient' }

-- The person wants nothing any more: from that moment on nothing is begun. Returns a reply, or nil where it goes on.
local function stopped(id, key, r, account)
  if not r.recipient or r.recipient == '' then return nil end
  if closedTo(personBy(account, (string.gsub(r.recipient, '^%+', '')))) ~= 'opted-out' then return nil end
  cancel(id, key, r, 'opted-out', 'The person has stopped messages from this number.')
  giveBack(key, r.cost)
  return { 'settled', 'cancelled' }
end

-- A limit is not free: it comes again at its slot, and spends nothing.
local function limited(id, key, r, slot, shift, lane, scope)
  slot = whole(math.max(slot, now))
  local fields = { 'due', slot, 'slot', slot, 'shift', whole(shift), 'lane', lane }
  if scope then put(fields, 'waits', scope) end
  if r.state == 'sending' then
    put(fields, 'state', 'retryable')
    put(fields, 'inflight', '')
    move(id, 'sending', 'retryable', slot)
  else
    postpone(id, r.state, slot)
  end
  redis.call('HSET', key, unpack(fields))
  return { 'limited', whole(slot - now), scope or '' }
end

local recheckMs = 600000
-- The budget does not cover it: it waits for the next period, and looks now and then whether there is more; or it ends.
local function spent(id, key, r, action, name, period, endsIn)
  if action == 'tell' then return { 'spent', '0', name, period } end
  if action == 'stop' and count(r.parts) == 0 and r.state ~= 'sending' then
    local reason = 'The budget of the ' .. period .. ' (' .. name .. ') is spent.'
    local fields = fieldsWith(key, r.n, r.attempts, 'discarded', cjson.encode({ code = 'budget', reason = reason }))
    put(fields, 'state', 'discarded')
    put(fields, 'failure', failure('discarded', 'budget', reason))
    redis.call('HSET', key, unpack(fields))
    move(id, r.state, 'discarded', whole(now))
    return { 'spent', '', name, period }
  end
  local due = whole(now + math.min(endsIn, recheckMs))
  if r.state == 'sending' then
    redis.call('HSET', key, 'state', 'retryable', 'inflight', '')
    move(id, 'sending', 'retryable', due)
  else
    postpone(id, r.state, due)
  end
  redis.call('HSET', key, 'due', due, 'waits', 'budget:' .. period .. ':' .. name)
  if r.slot then redis.call('HDEL', key, 'slot', 'lane', 'shift') end
  return { 'spent', whole(due - now), name, period }
end

-- Takes from limits and budget, or from neither. Returns a reply, or nil, when it may go and its cost.
local function afford(id, key, r, scopes, charge, action, channel)
  local bill = charge ~= '' and cjson.decode(charge)
  local amounts = bill and amountsOf(bill, count(r.parts))
  if bill then
    local name, period, endsIn = uncovered(bill, amounts, (tonumber(r.priority) or 10) <= 1)
    if name then return spent(id, key, r, action, name, period, endsIn) end
  end
  local slot, at, lane, scope = takeLimits(id, r, scopes, channel)
  if slot == 'digest' and r.isDigest then return hold(id, key, r, now + recheckMs, scope) end
  if slot == 'digest' and count(r.parts) == 0 then return gather(id, key, r, channel) end
  if slot == 'drop' and count(r.parts) == 0 then
    return drop(id, key, r, 'cap', 'The channel has posted as many articles as its caps allow, and drops the rest.')
  end
  if slot then return limited(id, key, r, slot, at, lane, scope) end
  return nil, at, bill and spend(bill, amounts) or ''
end

local function claim(id, token, post, total, account, channel, staleAfter, way, scopes, charge, action, hours, approval,
  collects, plan)
  local key = prefix .. ':delivery:' .. id
  local values = redis.call('HMGET', key, unpack(names))
  local r = {}
  for i, name in ipairs(names) do r[name] = values[i] or nil end
  if not r.state then return { 'missing' } end
  if isNewer(r.schema) then return { 'newer' } end
  local sent = count(r.parts)
  local leasedUntil = tonumber(r['until']) or 0
  if r.state == 'sending' then
    if leasedUntil > now then
      -- An attempt that began before a restart may know more than its record.
      if r.token ~= token or isShaken(r, way, leasedUntil - lease) then return { 'leased', whole(leasedUntil - now) } end
      -- Asked for again, because the connection broke before the answer: nothing was sent, and the slot may be over.
      if tonumber(r.inflight or '') == sent then giveBack(key, r.cost) end
      local reply, at, cost = stopped(id, key, r, account) or overtaken(id, key, r) or follow(id, key, r, plan)
        or sent == 0 and gate(id, key, r, channel, hours, approval, collects, '') or nil
      if reply then return reply end
      reply, at, cost = afford(id, key, r, scopes, charge, action, channel)
      if reply then return reply end
      local fields = fieldsWith(key, r.n, r.attempts, 'sending', '{"part":' .. sent .. '}')
      put(fields, 'until', leaseEnd)
      put(fields, 'inflight', sent)
      put(fields, 'since', whole(now))
      if cost ~= '' then put(fields, 'cost', cost) end
      redis.call('HSET', key, unpack(fields))
      move(id, 'sending', 'sending', leaseEnd)
      return { 'claimed', r.attempts, r.parts or '[]', r.post, whole(at - now), whole(at) }
    end
    -- What may be done again is done again once nothing can arrive late.
    if way == 'repeat' and leasedUntil + quarantine > now then return { 'leased', whole(leasedUntil + quarantine - now) } end
    if isShaken(r, way, leasedUntil - lease) then
      if not r.since or r.since == '' then redis.call('HSET', key, 'since', whole(leasedUntil - lease)) end
      return shake(id, key, r, way, sent)
    end
    if r.inflight and r.inflight ~= '' and r.post ~= '' then
      -- Its request may have left before the worker died: never back to scheduled.
      local told = redis.call('HGET', key, 'told')
      if told then return { 'settled', hear(id, key, r, told, r.total) } end
      local reason = 'The worker that was sending this stopped before it recorded an answer.'
      -- What ends its worker each time is not sent for ever.
      if (way == 'resend' or way == 'repeat') and tonumber(r.attempts) >= maxAttempts then way = 'hold' end
      if way == 'resend' and isRetracted(r) then way = 'hold' end
      if way ~= 'resend' and way ~= 'repeat' then return doubt(id, key, r, way, now + quarantine, nil, reason) end
      redis.call('HSET', key, unpack(fieldsWith(key, r.n, r.attempts, 'unconfirmed', cjson.encode({ reason = reason }))))
      r.n = (tonumber(r.n) or 0) + 1
    end
  elseif r.state == 'unconfirmed' then
    if anyPaused and redis.call('HEXISTS', prefix .. ':paused', 'account:' .. account) == 1 then return { 'paused' } end
    return ask(id, key, r, way)
  elseif r.state ~= 'scheduled' and r.state ~= 'retryable' then
    mend(id, r.state)
    return { 'settled', r.state }
  end

  local due = tonumber(r.due)
  -- It comes a little before its slot.
  if r.state ~= 'sending' and due > now and r.slot ~= r.due then return { 'early', whole(due - now) } end
  if anyPaused then
    local resting = redis.call('HMGET', prefix .. ':paused', 'account:' .. account, 'channel:' .. channel)
    if resting[1] or (resting[2] and r.act ~= 'retract') then return { 'paused' } end
  end
  if r.state ~= 'sending' and isShaken(r, way, due) then
    if not r.since or r.since == '' then redis.call('HSET', key, 'since', r.due) end
    if sent == 0 then redis.call('HSET', key, 'post', post, 'total', total) end
    return shake(id, key, r, way, sent)
  end
  local reply = stopped(id, key, r, account) or overtaken(id, key, r) or follow(id, key, r, plan)
  if reply then return reply end
  -- From the time it was planned for: an embargo or a wish for later makes no news stale. What is begun is finished.
  reply = sent == 0 and gate(id, key, r, channel, hours, approval, collects, staleAfter) or nil
  if reply then return reply end
  local at, cost
  reply, at, cost = afford(id, key, r, scopes, charge, action, channel)
  if reply then return reply end
  if r.waits then
    redis.call('HDEL', key, 'slot', 'lane', 'shift', 'waits')
    if r.waits == 'approval' then redis.call('ZREM', prefix .. ':approvals', id) end
  end
  -- A post that is live in part goes on as it began, whatever the config says now.
  -- What Redis has forgotten of its beginning is as it is composed today.
  if sent > 0 and r.act ~= 'retract' and r.post and r.post ~= '' then post, total = r.post, r.total end
  local about = sent > 0 and '{"part":' .. sent .. ',"post":"' .. post .. '"}' or '{"post":"' .. post .. '"}'
  local fields = fieldsWith(key, r.n, r.attempts + 1, 'sending', about)
  put(fields, 'state', 'sending')
  put(fields, 'token', token)
  put(fields, 'until', leaseEnd)
  put(fields, 'inflight', sent)
  put(fields, 'attempts', r.attempts + 1)
  put(fields, 'post', post)
  put(fields, 'total', total)
  if not r.since or r.since == '' then put(fields, 'since', whole(now)) end
  if cost ~= '' then put(fields, 'cost', cost) end
  redis.call('HSET', key, unpack(fields))
  move(id, r.state, 'sending', leaseEnd)
  return { 'claimed', tostring(r.attempts + 1), r.parts or '[]', post, whole(at - now), whole(at) }
end

local replies, seen = {}, {}
for i = 6, #ARGV, 15 do
  local id = ARGV[i]
  if seen[id] then flush() end
  seen[id] = true
  local reply, fault = try(claim, id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6],
    ARGV[i + 7], ARGV[i + 8], ARGV[i + 9], ARGV[i + 10], ARGV[i + 11], ARGV[i + 12], ARGV[i + 13],
    ARGV[i + 14])
  replies[#replies + 1] = reply or { 'fault', fault }
end
flush()
return replies
