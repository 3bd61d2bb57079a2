-- Claims the next people of a batch, as many as may go now: one atomic step. Opt-outs, retraction, limits and budget are
-- looked at here, and nowhere else.
-- ARGV: prefix, id, batch, fence of this claim (whole number below 2^32), most people, lease ms, quarantine ms, most
--       attempts, way ('status', 'hold' or 'resend': what becomes of an end that nobody knows), JSON of what it goes by:
--       {account, channel, article, version, act, priority, staleAfter, hours, scopes, pair = {key, windows},
--       unique = {key, windows} (or absent), bill (see fanout.lua), charge (see budgets.lua), whenSpent, mode}.
-- Returns {'go', ms until it should come again, then for each: place, who, variant, attempts, in how many ms it may go, at which slot,
-- what it corrects ('fan-out.batch.place' or ''), remote id of that (or '')}; {'wait', ms, why, batches that are left}; {'paused', likewise}; {'done'}; or {'gone'}.
local id, b, fence, most = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local lease, quarantine, maxAttempts, way = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]
local by = cjson.decode(ARGV[10])
local f = fanoutOf(id)
local key = batchKey(id, b)
if not f then return { 'gone' } end
local batch = redis.call('HMGET', key, 'open', 'slot', 'lane', 'shift')
local bytes = redis.call('GET', key .. ':s')
if not batch[1] or not bytes then return { 'gone' } end
if batch[1] == '0' then return { 'done' } end
local variants = cjson.decode(redis.call('HGET', fanoutKey(id), 'variants'))

local comeAt
local function comesBy(at) comeAt = math.min(comeAt or at, at) end
local function waitFor(at, why)
  -- What is closed, or not covered, holds nothing up; nor do people who must wait for long, each for themselves. Those to
  -- whom it is being sent say nothing of the other batches.
  local isOwn = why == '' and f.hasWaiting or by.unique and why == by.unique[1]
  if string.find(why, '^timetable') or string.find(why, '^budget') or isOwn and at > now + 5000 then
    redis.call('ZREM', ranksKey(f.account), id)
  end
  redis.call('ZADD', prefix .. ':fanouts:open', whole(at), id .. '.' .. b)
  return { 'wait', whole(math.max(1, at - now)), why, redis.call('HGET', fanoutKey(id), 'left') }
end

-- Why nothing more of it is sent, as a code; then whatever waits is over.
local function overFor()
  local about = redis.call('HMGET', prefix .. ':article:' .. by.article, 'retracted', 'version')
  if about[1] and by.act ~= 'retract' then return 'retracted', 'cancelled' end
  local word = redis.call('HGET', fanoutKey(id), 'cancelled')
  if word then return word, 'cancelled' end
  if by.act ~= 'retract' and (tonumber(about[2]) or 1) > by.version then return 'superseded', 'cancelled' end
  if by.staleAfter and now > f.planned + by.staleAfter then return 'stale', 'discarded' end
end

local count = #bytes / recordSize
local people = peopleOf(id, b)
-- Asked for again, because the connection broke before the answer: nothing was sent to anybody, whoever may go now.
if string.find(bytes, struct.pack('>I4', fence), 1, true) then
  for i = 0, count - 1 do
    local r = toRecord(bytes, i * recordSize + 1)
    if r.state == 'sending' and r.fence == fence then
      local place = r.variant % noFreeText
      giveBackFor(f, whoIn(people[i]), place == variants.plain.text or variants.live and place == variants.live.text)
      become(id, b, r, 'retryable')
      r.attempts, r.at = r.attempts - 1, 0
      writeRecord(id, b, i, r)
    end
  end
  flushFanouts()
  bytes = redis.call('GET', key .. ':s')
end
local over, overState = overFor()
local isResting = redis.call('HMGET', prefix .. ':paused', 'account:' .. by.account, 'channel:' .. by.channel)
if not over and (isResting[1] or (isResting[2] and by.act ~= 'retract')) then
  redis.call('ZADD', prefix .. ':fanouts:open', whole(now + 10000), id .. '.' .. b)
  redis.call('ZREM', ranksKey(f.account), id)
  return { 'paused', redis.call('HGET', fanoutKey(id), 'left') }
end
local urgent, idle = by.priority <= 1, by.priority > 10
if not over and not urgent then
  local ahead = redis.call('ZRANGEBYSCORE', ranksKey(f.account), '-inf', '(' .. by.priority, 'LIMIT', 0, 1)[1]
  if ahead then return waitFor(now + 2000, 'more urgent') end
end
local shut, opens, late
if by.hours ~= '' and not over then
  shut, opens, late = isShut(by.hours)
  -- What a person sends again waits.
  if shut and late == 'drop' and redis.call('HEXISTS', fanoutKey(id), 'again') == 0 then
    over, overState = 'closed', 'discarded'
  end
end

-- A claim whose worker died: it may have been sent.
local function doubt(i, r, at)
  become(id, b, r, 'unconfirmed')
  r.at = hundredthsOf(f, at + quarantine)
  writeRecord(id, b, i, r)
end

-- Whether what stands at a place may be sent now; what is over by itself is settled on the way.
local function isReady(i, r)
  if r.state == 'sending' then
    local ends = timeIn(f, r.at)
    if ends > now then comesBy(ends) return false end
    doubt(i, r, ends)
  end
  if r.state == 'unconfirmed' then
    local ends = timeIn(f, r.at)
    if ends > now then comesBy(ends) return false end
    if way == 'resend' and r.attempts < maxAttempts and not over then return true end
    become(id, b, r, 'held', numberOf(id, 'silence'))
    writeRecord(id, b, i, r)
    return false
  end
  if r.state ~= 'scheduled' and r.state ~= 'retryable' then return false end
  if over then
    become(id, b, r, overState, numberOf(id, over))
    writeRecord(id, b, i, r)
    return false
  end
  local due = r.at > 0 and timeIn(f, r.at) or 0
  if due > now then
    f.hasWaiting = f.hasWaiting or r.state == 'scheduled'
    comesBy(due)
    return false
  end
  return true
end

-- The variant for a person: free text while their window is open and the channel has one, else the template in their
-- language.
local function variantFor(p, r, isCorrected)
  local all = isCorrected and variants.live or variants.plain
  if all.text and r.variant < noFreeText and (by.mode == 'text' or by.mode == 'window' and isWindowOpen(p)) then
    return all.text, true
  end
  return p and p.language ~= '' and all.languages[p.language] or all.default, false
end

local function skip(i, r, code)
  become(id, b, r, 'cancelled', numberOf(id, code))
  writeRecord(id, b, i, r)
end

local function spoken(who) return string.match(who, '^%d+$') and '+' .. who or who end

-- A person's own limit: one message in so long. Most have none of late, which is known by one look.
local function isTooSoon(who)
  if not by.pair then return false end
  local name = by.pair[1] .. spoken(who)
  if redis.call('EXISTS', limitKey(name), logKey(name)) == 0 then return false end
  local at = freeIn({ name, by.pair[2], '' }, false, false, f.planned)
  return at > now + early, at
end
-- Its end is written down by settle.lua, as of all that counts against a limit.
local function notePair(who, at, name)
  if not by.pair then return end
  local log = logKey(by.pair[1] .. spoken(who))
  local longest = 0
  for _, window in ipairs(by.pair[2]) do longest = math.max(longest, window[2]) end
  redis.call('LPUSH', log, whole(at) .. '*' .. name)
  redis.call('PEXPIRE', log, whole(longest * 2))
end

local scopes = scopesIn(by.scopes)
local total = { 0, 0, 0 }
-- When the next message may go by the limits that all share. The first of a call takes its turn among the channels.
local function turnFor(name, isFirst)
  if #scopes == 0 then return now end
  local at, counted, open = now, {}, {}
  if isFirst then
    local r = { priority = by.priority, planned = f.planned, slot = batch[2] or nil, lane = batch[3] or nil,
      shift = batch[4] or nil, parts = '[]', attempts = 0 }
    local slot, value, lane, why = takeLimits(name, r, by.scopes, by.channel)
    if not slot then
      if r.slot then redis.call('HDEL', key, 'slot', 'lane', 'shift') end
      return value
    end
    redis.call('HSET', key, 'slot', whole(math.max(slot, now)), 'lane', lane or '', 'shift', whole(value or 0))
    return nil, math.max(slot, now), why
  end
  for n, scope in ipairs(scopes) do
    local free, pace
    free, pace, counted[n], open[n] = freeIn(scope, urgent, idle, f.planned)
    at = math.max(at, free)
  end
  if at > now + early then return nil, at end
  for n, scope in ipairs(scopes) do take(name, scope, at, counted[n], open[n], urgent, f.planned, false) end
  return at
end

-- Claims what stands at one place, if it may go. Returns whether to go on, and why not.
local replies, claimed, halt, why = {}, 0, nil, nil
local function claim(i, r)
  local line = people[i] or ''
  local who, before = string.match(line, '^([^\t]*)\t?(.*)$')
  if not who or who == erased then return skip(i, r, 'erased') end
  local p = personBy(by.account, who)
  -- Its channel may have another account by now: who stopped at the one they had subscribed to has stopped.
  local closed = closedTo(p) or by.account ~= f.account and closedTo(personBy(f.account or '', who))
  if closed then return skip(i, r, closed) end
  if hasItByAnotherName(f, who) then return skip(i, r, 'same-person') end
  local variant, isFree = variantFor(p, r, before ~= '')
  if not isFree and p and string.find(p.flags, 'u', 1, true) then return skip(i, r, 'us-number') end
  local isSoon, pairAt = isTooSoon(who)
  if isSoon then
    r.at = hundredthsOf(f, pairAt)
    writeRecord(id, b, i, r)
    f.hasWaiting = f.hasWaiting or r.state == 'scheduled'
    return comesBy(pairAt)
  end
  local amounts = { 1, 1, priceOf(by.bill, who, isFree) }
  local ahead = { total[1] + 1, total[2] + 1, total[3] + amounts[3] }
  local name, period, endsIn = uncovered(by.charge, ahead, urgent)
  if name then
    if by.whenSpent == 'stop' then
      become(id, b, r, 'discarded', numberOf(id, 'budget'))
      return writeRecord(id, b, i, r)
    end
    why = 'budget:' .. period .. ':' .. name
    -- There may be others who cost less, or nothing.
    if name == 'money' then return comesBy(now + math.min(endsIn, 600000)) end
    halt = now + math.min(endsIn, 600000)
    return
  end
  local crowd = by.unique and not isFree and { by.unique[1], by.unique[2], spoken(who) }
  if crowd then
    local free = now
    for _, window in ipairs(crowd[2]) do free = math.max(free, freeForPerson(crowd, window)) end
    if free > now then
      -- It is not for those who were counted already, nor for free text.
      why = by.unique[1]
      return comesBy(math.min(free, now + 600000))
    end
  end
  local turn = 'L' .. string.sub(id, -6) .. '.' .. b .. '.' .. i .. '.' .. r.attempts
  local at, slot, reason = turnFor(turn, claimed == 0)
  if not at then
    halt, why = slot, reason
    return
  end
  if crowd then take(id, crowd, at, false, false, false, f.planned, false) end
  notePair(who, at, turn)
  become(id, b, r, 'sending')
  r.attempts, r.fence, r.at = r.attempts + 1, fence, hundredthsOf(f, now + lease)
  r.variant = (r.variant >= noFreeText and noFreeText or 0) + variant
  writeRecord(id, b, i, r)
  total, claimed = ahead, claimed + 1
  local from, fromB, fromI = string.match(before, '^([^.]+)%.(%d+)%.(%d+)$')
  local remoteId = from and redis.call('HGET', batchKey(from, fromB) .. ':m', fromI) or ''
  for _, value in ipairs({ whole(i), who, whole(variant), whole(r.attempts), whole(math.max(0, at - now)), whole(at), before, remoteId }) do
    replies[#replies + 1] = value
  end
end

if shut and not over then
  -- The hours of its channel make no news stale.
  redis.call('HSET', fanoutKey(id), 'planned', whole(math.max(f.planned, opens)))
  return waitFor(math.min(opens, now + 600000), 'timetable')
end
local i, isFull = 0, false
while i < count and not halt do
  local r = toRecord(bytes, i * recordSize + 1)
  if isReady(i, r) then
    if claimed >= most then
      isFull = true
      break
    end
    -- A record that makes no sense must not take the rest with it.
    local done, fault = pcall(claim, i, r)
    if not done then halt, why = now + 3000, 'fault: ' .. (type(fault) == 'table' and fault.err or tostring(fault)) end
  end
  i = i + 1
end
if claimed > 0 then
  spend(by.charge, total)
  tally(id, 'money', total[3])
  local bill = cjson.encode(by.bill)
  if f.bill ~= bill then
    redis.call('HSET', fanoutKey(id), 'bill', bill, 'billSince', whole(now))
    -- What is told from now on of messages of the day before is given back there.
    if f.bill then redis.call('HSET', fanoutKey(id), 'billBefore', f.bill) end
  end
end
flushFanouts()
if tonumber(redis.call('HGET', key, 'open')) <= 0 then return { 'done' } end
local at = isFull and now or halt or comeAt or now + 1000
if claimed > 0 then
  redis.call('ZADD', prefix .. ':fanouts:open', whole(now + lease), id .. '.' .. b)
  if (tonumber(redis.call('HGET', fanoutKey(id), 'n:scheduled')) or 0) > 0 then
    redis.call('ZADD', ranksKey(f.account), by.priority, id)
  end
  return { 'go', whole(math.max(0, at - now)), unpack(replies) }
end
return waitFor(at, why or '')
