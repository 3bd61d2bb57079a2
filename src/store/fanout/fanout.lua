-- Stands after state-lists.lua: a fan-out, one article to a list of people. It is a hash, its batches are hashes beside it
-- (`to`: the people, a line each: who, and in a correction the place of the message that is corrected), and how each
-- person's delivery stands is 16 bytes of one string: state, status, attempts, variant, code, time, fence. Times count in
-- hundredths of a second from `base`, so that they fit.
local recordSize = 16
local stateNames = { [0] = 'scheduled', 'sending', 'retryable', 'published', 'unconfirmed', 'held', 'rejected',
  'discarded', 'cancelled' }
local statusNames = { [0] = 'none', 'accepted', 'sent', 'delivered', 'read', 'failed' }
local stateCodes, statusCodes = {}, {}
for code, name in pairs(stateNames) do stateCodes[name] = code end
for code, name in pairs(statusNames) do statusCodes[name] = code end
local stillOpen = { scheduled = true, sending = true, retryable = true, unconfirmed = true }
local hasEnded = { rejected = true, discarded = true, cancelled = true }
-- Of a variant: the person's window is over, whatever their record says.
local noFreeText = 128

local function fanoutKey(id) return prefix .. ':fanout:' .. id end
local function batchKey(id, b) return prefix .. ':fanout:' .. id .. ':' .. b end

-- Fan-outs of an account that have people to write to now, by priority: what is less urgent waits for them.
local function ranksKey(account) return prefix .. ':fanouts:ranks:' .. account end

-- What changes in the numbers of a fan-out and of a batch is written once for the whole script.
local tallies, openings = {}, {}
local function tally(id, field, by)
  tallies[id] = tallies[id] or {}
  tallies[id][field] = (tallies[id][field] or 0) + by
end

-- A fan-out as far as its batches need it.
local fanouts = {}
local function fanoutOf(id)
  if fanouts[id] == nil then
    local values = redis.call('HMGET', fanoutKey(id), 'base', 'bill', 'channel', 'article', 'planned', 'account',
      'billSince', 'billBefore')
    fanouts[id] = values[1]
      and { id = id, base = tonumber(values[1]), bill = values[2] or nil, channel = values[3], article = values[4],
        planned = tonumber(values[5]), account = values[6], billSince = tonumber(values[7] or ''),
        billBefore = values[8] or nil } or false
  end
  return fanouts[id]
end

local function timeIn(f, hundredths) return f.base + hundredths * 10 end
local function hundredthsOf(f, ms) return math.max(0, math.ceil((ms - f.base) / 10)) end

local function toRecord(bytes, at)
  local state, status, attempts, variant, code, time, fence = struct.unpack('>BBBBI4I4I4', bytes, at)
  return { state = stateNames[state], status = status, attempts = attempts, variant = variant, code = code, at = time,
    fence = fence }
end

local function readRecord(id, b, i)
  local bytes = redis.call('GETRANGE', batchKey(id, b) .. ':s', i * recordSize, i * recordSize + recordSize - 1)
  return #bytes == recordSize and toRecord(bytes, 1) or nil
end

local function writeRecord(id, b, i, r)
  redis.call('SETRANGE', batchKey(id, b) .. ':s', i * recordSize, struct.pack('>BBBBI4I4I4', stateCodes[r.state],
    r.status, math.min(r.attempts, 255), r.variant, r.code, math.min(r.at, 4294967295), r.fence))
end

-- Codes are numbers: those of the platform as they are, words from four thousand million up.
local wordsFrom = 4000000000
local function numberOf(id, code)
  if not code or code == '' then return 0 end
  local number = string.match(code, '^%d+$') and tonumber(code)
  if number and number < wordsFrom then return number end
  local known = redis.call('HGET', fanoutKey(id), 'code:' .. code)
  if known then return tonumber(known) end
  number = wordsFrom + redis.call('HINCRBY', fanoutKey(id), 'codes', 1)
  redis.call('HSET', fanoutKey(id), 'code:' .. code, whole(number), 'word:' .. whole(number), code)
  return number
end

-- A delivery gets to another state. `code`: why, where it has failed.
local function become(id, b, r, to, code)
  if hasEnded[r.state] then tally(id, 'f:' .. whole(r.code), -1) end
  if r.state ~= to then
    tally(id, 'n:' .. r.state, -1)
    tally(id, 'n:' .. to, 1)
    local by = (stillOpen[to] and 1 or 0) - (stillOpen[r.state] and 1 or 0)
    if by ~= 0 then
      local key = id .. ' ' .. b
      openings[key] = openings[key] or { id = id, b = b, by = 0 }
      openings[key].by = openings[key].by + by
    end
  end
  r.state = to
  r.code = code or 0
  if hasEnded[to] then tally(id, 'f:' .. whole(r.code), 1) end
end

local function restate(id, r, status)
  if r.status > 0 then tally(id, 's:' .. statusNames[r.status], -1) end
  r.status = status
  tally(id, 's:' .. statusNames[status], 1)
end

-- The delivery above is as far as its people are: on its way, then whatever became of most. `sending` for as long as it
-- takes; whoever claims it after that begins it again, which changes nothing.
local longMs = 604800000
local function number(fields, name) return tonumber(fields[name] or '') or 0 end
local function fieldsOf(id)
  local flat, fields = redis.call('HGETALL', fanoutKey(id)), {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end

local function endOf(fields)
  if number(fields, 'n:held') > 0 then return 'unconfirmed' end
  if number(fields, 'total') == 0 then return 'discarded', 'nobody', 'Nobody has subscribed to this.' end
  local superseded = fields['code:superseded']
  if number(fields, 'n:published') == 0 and superseded and number(fields, 'f:' .. superseded) > 0 then
    -- By this a correction knows that it is to be sent in its place.
    return 'cancelled', 'superseded', 'The article was corrected before anybody got this; what follows has the new text.'
  end
  for _, state in ipairs({ 'published', 'rejected', 'discarded', 'cancelled' }) do
    if number(fields, 'n:' .. state) > 0 then return state end
  end
  return 'published'
end

local function moveTo(id, state, code, reason)
  local key = prefix .. ':delivery:' .. id
  local r = redis.call('HMGET', key, 'state', 'n', 'attempts', 'held')
  if r[1] == 'rejected' and state == 'published' then
    -- A post never goes this way, so that it takes two steps.
    moveTo(id, 'retryable')
    flush()
    r = redis.call('HMGET', key, 'state', 'n', 'attempts', 'held')
  end
  if not r[1] or not (allowed[r[1]] and allowed[r[1]][state]) then return end
  local about = code and cjson.encode({ code = code, reason = reason }) or nil
  local fields = fieldsWith(key, r[2] or nil, r[3], state, about)
  put(fields, 'state', state)
  put(fields, 'inflight', '')
  if code then put(fields, 'failure', cjson.encode({ class = state, code = code, at = now, reason = reason })) end
  if state == 'unconfirmed' then
    put(fields, 'held', '1')
    put(fields, 'failure', cjson.encode({ class = 'unconfirmed', code = cjson.null, at = now, reason = reason }))
  end
  redis.call('HSET', key, unpack(fields))
  if state ~= 'unconfirmed' then redis.call('HDEL', key, 'held') end
  if state ~= 'unconfirmed' and not code then redis.call('HDEL', key, 'failure') end
  move(id, r[1], state, whole(now))
  if state == 'unconfirmed' then alarm(id) end
end

local function settleAbove(id)
  local fields = fieldsOf(id)
  local state, code, reason = endOf(fields)
  if state == 'unconfirmed' then reason = fields['n:held'] .. ' of a list may have got it, and nobody knows.' end
  local key = prefix .. ':delivery:' .. id
  local got = number(fields, 'n:published') + number(fields, 'n:held')
  -- What follows it finds out by this that there is something to follow.
  local receipt = cjson.encode({ remoteId = 'list:' .. id, at = string.format('%.0f', now), status = 'list' })
  redis.call('HSET', key, 'parts', got > 0 and '[' .. receipt .. ']' or '[]', 'total', '1')
  if redis.call('HGET', key, 'state') == state then return end
  moveTo(id, state, code, reason)
  if state ~= 'unconfirmed' then wakeFollowers({ id }) end
end

-- Some of its people are to be written to again.
local function reopenAbove(id)
  local key = prefix .. ':delivery:' .. id
  moveTo(id, 'retryable')
  flush()
  if redis.call('HGET', key, 'state') ~= 'retryable' then return end
  redis.call('HSET', key, 'state', 'sending', 'until', whole(now + longMs), 'parts', '[]')
  move(id, 'retryable', 'sending', whole(now + longMs))
end

local function endIfDone(id)
  local about = redis.call('HMGET', fanoutKey(id), 'left', 'cut', 'ended')
  if (tonumber(about[1]) or 0) > 0 or about[2] ~= 'done' then
    if about[3] then
      redis.call('HDEL', fanoutKey(id), 'ended')
      redis.call('ZREM', prefix .. ':fanouts:ended', id)
      reopenAbove(id)
    end
  elseif not about[3] then
    redis.call('HSET', fanoutKey(id), 'ended', whole(now))
    redis.call('ZADD', prefix .. ':fanouts:ended', whole(now), id)
    settleAbove(id)
  end
end

local function flushFanouts()
  local all, changed = {}, {}
  for id, fields in pairs(tallies) do
    for field, by in pairs(fields) do
      if by ~= 0 then
        redis.call('HINCRBY', fanoutKey(id), field, by)
        changed[id] = true
      end
      all[field] = (all[field] or 0) + by
    end
    if fields['n:scheduled'] and (tonumber(redis.call('HGET', fanoutKey(id), 'n:scheduled')) or 0) <= 0 then
      redis.call('ZREM', ranksKey(fanoutOf(id).account or ''), id)
    end
  end
  -- Of all fan-outs on record. Words have a number in each of their own.
  for field, by in pairs(all) do
    local code = string.match(field, '^f:(%d+)$')
    local isMeant = string.find(field, '^[ns]:') or code and code ~= '0' and tonumber(code) < wordsFrom
    if by ~= 0 and isMeant then redis.call('HINCRBY', prefix .. ':fanouts:counts', field, by) end
  end
  for _, one in pairs(openings) do
    if one.by ~= 0 then
      local left = redis.call('HINCRBY', batchKey(one.id, one.b), 'open', one.by)
      local member = one.id .. '.' .. one.b
      if left == 0 then
        redis.call('ZREM', prefix .. ':fanouts:open', member)
        redis.call('HINCRBY', fanoutKey(one.id), 'left', -1)
        endIfDone(one.id)
        changed[one.id] = nil
      elseif left == one.by then
        redis.call('ZADD', prefix .. ':fanouts:open', whole(now), member)
        redis.call('HINCRBY', fanoutKey(one.id), 'left', 1)
        endIfDone(one.id)
        changed[one.id] = nil
      end
    end
  end
  -- What is told after the end may change what became of most.
  for id in pairs(changed) do
    if redis.call('HEXISTS', fanoutKey(id), 'ended') == 1 then settleAbove(id) end
  end
  tallies, openings = {}, {}
  flush()
end

-- What one message to a person costs: `bill` of a fan-out is {account, day, month, prices, template}, prices by the first
-- digits of the number (millionths), for messages that are no free text.
local function priceOf(bill, who, isFree)
  if isFree or not next(bill.prices) then return 0 end
  for length = 7, 1, -1 do
    local price = bill.prices[string.sub(who, 1, length)]
    if price then return price end
  end
  return bill.prices.default or 0
end

-- It was not sent after all: nothing is spent. `at`: when it was sent, or absent: just now.
local function giveBackFor(f, who, isFree, at)
  if not f.bill then return end
  local bill = cjson.decode(at and f.billBefore and at < f.billSince and f.billBefore or f.bill)
  local amounts = { 1, 1, priceOf(bill, who, isFree) }
  addTo(bill.account, bill.day, amounts, -1, keptDayMs)
  addTo(bill.account, bill.month, amounts, -1, keptMonthMs)
  tally(f.id, 'money', -amounts[3])
end

-- The people of a batch, by their places from 0.
local function peopleOf(id, b)
  local people, at = {}, 0
  for line in string.gmatch(redis.call('HGET', batchKey(id, b), 'to') or '', '[^\n]+') do
    people[at] = line
    at = at + 1
  end
  return people, at
end
-- In the place of somebody who was erased.
local erased = '-'
local function whoIn(line)
  local who = string.match(line or '', '^[^\t]*')
  return who == erased and '' or who
end
