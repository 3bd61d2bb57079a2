-- Stands after person.lua, before the scripts that write records. Counts of each state are kept beside the records.
local stateNames = { s = 'subscribed', x = 'stopped', k = 'known' }
local mostRecord, mostTopic = 64, 30

local function isAlias(who) return string.find(who, '.', 1, true) ~= nil end

local function peopleKey(account, name) return prefix .. ':people:' .. account .. ':' .. name end

-- Both ways: id to number, and number to id, each in the bucket of what is looked up.
local function aliasKey(account, who)
  return peopleKey(account, 'alias:' .. bucketOf(who))
end

local function newPerson()
  return { state = 'k', topics = '', language = '', changed = '', how = '', inbound = '', blocked = '', ['until'] = '',
    flags = '' }
end

local function hexOf(number) return string.format('%x', number) end

local function hasFlag(p, flag) return string.find(p.flags, flag, 1, true) ~= nil end
local function setFlag(p, flag, isSet)
  if hasFlag(p, flag) == isSet then return end
  p.flags = isSet and p.flags .. flag or string.gsub(p.flags, flag, '')
end

local function personText(p)
  local values = {}
  for i, name in ipairs(personFields) do values[i] = p[name] end
  return (string.gsub(table.concat(values, '|'), '|+$', ''))
end

-- `before`: state that is counted now, or nil.
local function writePerson(account, who, p, before)
  local text = personText(p)
  if #text > mostRecord then error('a record of ' .. #text .. ' bytes') end
  redis.call('HSET', personKey(account, who), who, text)
  if before == p.state then return text end
  local counts = peopleKey(account, 'counts')
  if before then redis.call('HINCRBY', counts, stateNames[before], -1) end
  redis.call('HINCRBY', counts, stateNames[p.state], 1)
  return text
end

local function removePerson(account, who, p)
  redis.call('HDEL', personKey(account, who), who)
  redis.call('HINCRBY', peopleKey(account, 'counts'), stateNames[p.state], -1)
end

-- Two records of one person: the later will counts, at the same second a stop; of everything else what lets less be sent.
local function merge(p, q)
  local ours, theirs = secondsOf(p.changed) or 0, secondsOf(q.changed) or 0
  local isTheirs = theirs > ours or (theirs == ours and q.state == 'x')
  local wanted = p.state == 's' or q.state == 's' or hasFlag(p, 'w') or hasFlag(q, 'w')
  local isUs = hasFlag(p, 'u') or hasFlag(q, 'u')
  local will = isTheirs and q or p
  local isBreaking, language = hasFlag(will, 'b'), will.language ~= '' and will.language or isTheirs and p.language or q.language
  p.state, p.topics, p.language, p.changed, p.how = will.state, will.topics, language, will.changed, will.how
  if (secondsOf(q.inbound) or 0) > (secondsOf(p.inbound) or 0) then p.inbound = q.inbound end
  if q.blocked ~= '' and (p.blocked == '' or q['until'] == ''
    or (p['until'] ~= '' and secondsOf(q['until']) > secondsOf(p['until']))) then
    p.blocked, p['until'] = q.blocked, q['until']
  end
  p.flags = ''
  setFlag(p, 'b', isBreaking)
  setFlag(p, 'u', isUs)
  setFlag(p, 'w', wanted and p.state ~= 's')
  return p
end

-- Lists that are under way may have a person by both names, and must know (fanout/twins.lua). `p`: the record by the
-- number before; without one only those that are still cut can have both.
local openLists
local function noteTwins(account, who, alias, p)
  if not openLists then
    openLists = {}
    for _, id in ipairs(redis.call('ZRANGE', prefix .. ':fanouts:all', 0, -1)) do
      local about = redis.call('HMGET', prefix .. ':fanout:' .. id, 'account', 'ended', 'cut')
      if about[1] and not about[2] then openLists[#openLists + 1] = { id, about[1], about[3] } end
    end
  end
  for _, list in ipairs(openLists) do
    local key, cut = prefix .. ':fanout:' .. list[1], list[3]
    if list[2] == account and (p or cut ~= 'done') then
      redis.call('HSET', key .. ':twins', who, alias, alias, who)
      -- Where the number would stand was looked through before, and the id does not stand any more where it is still to be.
      local at, isLeftOut = tonumber(cut or ''), not p or p.state == 'k'
      if isLeftOut and at and bucketOf(who) < at and bucketOf(alias) >= at then redis.call('SADD', key .. ':late', who) end
    end
  end
end

-- The name under which a person is kept; an id that comes beside a number is kept as another name of it.
local function nameOf(account, who, alias)
  if isAlias(who) then return redis.call('HGET', aliasKey(account, who), who) or who end
  if alias ~= '' and redis.call('HGET', aliasKey(account, alias), alias) ~= who then
    local old = redis.call('HGET', aliasKey(account, who), who)
    if old then redis.call('HDEL', aliasKey(account, old), old) end
    redis.call('HSET', aliasKey(account, alias), alias, who)
    redis.call('HSET', aliasKey(account, who), who, alias)
    local q = readPerson(account, alias)
    if q then
      local p = readPerson(account, who)
      removePerson(account, alias, q)
      noteTwins(account, who, alias, p)
      writePerson(account, who, p and merge(p, q) or q, p and readPerson(account, who).state)
    end
  end
  return who
end

-- Words for how something is known, as a number.
local function howNumber(account, text)
  if text == '' then return '' end
  local found = redis.call('HGET', peopleKey(account, 'how'), text)
  if found then return found end
  local number = hexOf(redis.call('HLEN', peopleKey(account, 'how')) + 1)
  redis.call('HSET', peopleKey(account, 'how'), text, number)
  redis.call('HSET', peopleKey(account, 'how:texts'), number, text)
  return number
end

-- Bits of topics, given as ids with commas between; and likewise the ids for which there is no bit left: records of
-- others have the bits of all topics that the account ever had.
local function topicBits(account, ids)
  local bits, without = 0, {}
  for id in string.gmatch(ids, '[^,]+') do
    local number = tonumber(redis.call('HGET', peopleKey(account, 'topics'), id))
    if not number and redis.call('HLEN', peopleKey(account, 'topics')) < mostTopic then
      number = redis.call('HLEN', peopleKey(account, 'topics'))
      redis.call('HSET', peopleKey(account, 'topics'), id, number)
    end
    if number then bits = bit.bor(bits, bit.lshift(1, number)) else without[#without + 1] = id end
  end
  return bits, table.concat(without, ',')
end
