-- Stands after state-lists.lua, before the scripts that read or write what is known of the people that an account writes
-- to. A person is named by the digits of a phone number, or by the id that the platform gave instead of one. Records stand
-- in small hashes, which Redis keeps as one piece of memory each: field the person, value
--   state|topics|language|changed|how|inbound|blocked|until|flags      (what is empty at the end is left out)
-- state: s subscribed, x stopped, k known (wrote, or was written to, and never said either). topics: bits in hex; none:
-- all. changed: when the person's will is from. how: number of the words for how it is known, in hex. inbound: when the person last wrote. blocked: code
-- by which the platform lets nothing through, until (none: for good). flags: b breaking news only, u a number of the
-- United States. Times: epoch seconds in hex.
local windowS, windowMarginS = 86400, 60
local personPattern = '^([^|]*)|?([^|]*)|?([^|]*)|?([^|]*)|?([^|]*)|?([^|]*)|?([^|]*)|?([^|]*)|?([^|]*)'
local personFields = { 'state', 'topics', 'language', 'changed', 'how', 'inbound', 'blocked', 'until', 'flags' }

local function bucketOf(who) return math.floor(tonumber(string.sub(redis.sha1hex(who), 1, 4), 16) / 4) end
local function personKey(account, who) return prefix .. ':people:' .. account .. ':' .. bucketOf(who) end

local function toPerson(text)
  local p = {}
  p.state, p.topics, p.language, p.changed, p.how, p.inbound, p.blocked, p['until'], p.flags =
    string.match(text, personPattern)
  return p
end

local function readPerson(account, who)
  local text = redis.call('HGET', personKey(account, who), who)
  return text and toPerson(text) or nil
end

local function secondsOf(hex) return hex and hex ~= '' and tonumber(hex, 16) or nil end

-- The same by any name: an id may have got a number beside it since it was written down, and the record stands there.
local function personBy(account, who)
  local p = readPerson(account, who)
  if p or not string.find(who, '.', 1, true) then return p end
  local number = redis.call('HGET', prefix .. ':people:' .. account .. ':alias:' .. bucketOf(who), who)
  return number and readPerson(account, number) or nil
end

-- Why nothing may be sent to a person, as a code; nil where it may.
local function closedTo(p)
  if not p then return nil end
  if p.state == 'x' then return 'opted-out' end
  if p.blocked ~= '' then
    local over = secondsOf(p['until'])
    if not over or over * 1000 > now then return p.blocked end
  end
end

-- Whether free text may be sent: the person wrote within a day (Cloud API, customer service windows).
local function isWindowOpen(p)
  local inbound = p and secondsOf(p.inbound)
  return inbound ~= nil and (inbound + windowS - windowMarginS) * 1000 > now
end
