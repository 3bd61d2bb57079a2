-- What people have told, each by the time at which it was told (see core/subscriber.ts).
-- ARGV: prefix, account, then for each: who, other name (or ''), act, seconds ('': now, and after all that is known), how (or ''), topics ('': as before, '*':
--       all, or ids with commas between), language (or ''), breaking only ('1', '0', or '': as before), whether the person
--       wrote ('1'), whether the number is one of the United States ('1').
-- Returns for each: {verdict, who, record, state before, topics that have no bit}: 'changed', 'same', 'late' (a later will is
-- known), or 'fault' and why.
local account = ARGV[2]

local function later(p, at) return at > (secondsOf(p.changed) or -1) end
local function reached(p, at) return at >= (secondsOf(p.changed) or -1) end

local function start(p, at, how, topics, breaking)
  if not later(p, at) and (p.state == 'x' or not reached(p, at)) then
    -- Kept for a 'resume': news was wanted before.
    if p.state == 'x' then setFlag(p, 'w', true) end
    return 'late'
  end
  local before = p.state .. '|' .. p.topics .. '|' .. p.flags
  local isNew, without = p.state ~= 's', ''
  if topics == '*' or (topics == '' and isNew) then p.topics = ''
  elseif topics ~= '' then
    local bits
    bits, without = topicBits(account, topics)
    if bits > 0 then p.topics = hexOf(bits) elseif isNew then p.topics = '' end
  end
  if breaking ~= '' or isNew then setFlag(p, 'b', breaking == '1') end
  setFlag(p, 'w', false)
  p.state, p.changed = 's', hexOf(at)
  p.how = howNumber(account, how)
  return before == p.state .. '|' .. p.topics .. '|' .. p.flags and 'same' or 'changed', without
end

-- Of which a person alone can say that it is over, in the platform's own settings.
local resumable = { user_preferences = true, ['marketing stopped'] = true }
local function stop(p, at, how, wrote)
  if not reached(p, at) then return 'late' end
  setFlag(p, 'w', (p.state == 's' or hasFlag(p, 'w')) and (wrote or resumable[how] == true))
  local verdict = p.state == 'x' and 'same' or 'changed'
  p.state, p.changed, p.how = 'x', hexOf(at), howNumber(account, how)
  return verdict
end

local function resume(p, at, how)
  if p.state == 'k' or not later(p, at) then return 'late' end
  -- A resume of whoever is subscribed has come before its stop, which is late then.
  if p.state == 's' then
    p.changed, p.how = hexOf(at), howNumber(account, how)
    return 'same'
  end
  if not hasFlag(p, 'w') then return 'same' end
  setFlag(p, 'w', false)
  p.state, p.changed, p.how = 's', hexOf(at), howNumber(account, how)
  return 'changed'
end

local function tell(who, alias, act, at, how, topics, language, breaking, wrote, us)
  who = nameOf(account, who, alias)
  local found = readPerson(account, who)
  local before = found and found.state
  local p = found or newPerson()
  at = at == '' and math.max(math.floor(now / 1000), secondsOf(p.changed) or 0) or math.floor(tonumber(at))
  local inbound = secondsOf(p.inbound) or 0
  local verdict, without = 'same', ''
  if act == 'start' then verdict, without = start(p, at, how, topics, breaking)
  elseif act == 'stop' then verdict = stop(p, at, how, wrote == '1')
  elseif act == 'resume' then verdict = resume(p, at, how) end
  if language ~= '' and p.language ~= language and at >= inbound and verdict ~= 'late' then
    p.language = language
    verdict = 'changed'
  end
  if wrote == '1' and at > inbound then
    p.inbound = hexOf(at)
    -- Whoever wrote within a day can be answered, and is where we write to.
    if (at + windowS) * 1000 > now then p.blocked, p['until'] = '', '' end
  end
  if us == '1' then setFlag(p, 'u', true) end
  return { verdict, who, writePerson(account, who, p, before), before or '', without or '' }
end

local replies = {}
for i = 3, #ARGV, 10 do
  local reply, fault = try(tell, unpack(ARGV, i, i + 9))
  replies[#replies + 1] = reply or { 'fault', ARGV[i], fault }
end
return replies
