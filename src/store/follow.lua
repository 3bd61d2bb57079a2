-- Stands before claim.lua, after gate.lua: deliveries that follow others of their channel (`act`): the correction of a
-- post, its retraction, or a further story that replies to the first.

local whileOpenMs, whileHeldMs = 1000, 600000

-- How those stand that it follows: as text, as the one who claims has read them; whether one is under way; whether one
-- may be live, which a person has to say.
local function ahead(r)
  local seen, isOpen, isHeld = {}, false, false
  for _, id in ipairs(cjson.decode(r.follows)) do
    if r.act == 'retract' then cancelWaiting(id, 'retracted', retractedReason, true)
    elseif r.act == 'correct' then cancelWaiting(id, 'superseded', supersededReason, false) end
    local values = redis.call('HMGET', prefix .. ':delivery:' .. id, 'state', 'held', 'parts')
    local state = values[1]
    local held = state == 'unconfirmed' and values[2] == '1'
    if state then
      -- Of a list some may have it: the others need not wait for what a person says of them.
      if held then isHeld = isHeld or redis.call('HGET', prefix .. ':delivery:' .. id, 'list') ~= '1'
      elseif state == 'scheduled' or state == 'retryable' or state == 'sending' or state == 'unconfirmed' then
        isOpen = true
      elseif redis.call('HEXISTS', prefix .. ':fanout:' .. id, 'base') == 1
        and redis.call('HEXISTS', prefix .. ':fanout:' .. id, 'ended') == 0 then
        -- It was cancelled while its list was begun: some may have it.
        isOpen = true
      end
      table.insert(seen, id .. ':' .. state .. ':' .. (held and '1' or '') .. ':' .. count(values[3] or nil))
    end
  end
  return table.concat(seen, ' '), isOpen, isHeld
end

-- `plan`: JSON of what the one who claims has found and can do: {basis: how those stand, steps: how many there are, leave:
-- {code, reason} where there is nothing to do}. Returns a reply, or nil where the next step may be taken.
local function follow(id, key, r, plan)
  if not r.follows then return nil end
  local basis, isOpen, isHeld = ahead(r)
  if isOpen then return hold(id, key, r, now + whileOpenMs, 'follows') end
  if isHeld and r.act == 'correct' then return hold(id, key, r, now + whileHeldMs, 'maybe') end
  local given = plan ~= '' and cjson.decode(plan) or {}
  if given.basis ~= basis then return hold(id, key, r, now + 100, 'follows') end
  local sent = count(r.parts)
  if given.leave and sent == 0 then return drop(id, key, r, given.leave.code, given.leave.reason) end
  if given.steps and sent >= given.steps then
    if isHeld then return hold(id, key, r, now + whileHeldMs, 'maybe') end
    local fields = fieldsWith(key, r.n, r.attempts, 'published', nil)
    put(fields, 'state', 'published')
    put(fields, 'inflight', '')
    redis.call('HSET', key, unpack(fields))
    redis.call('HDEL', key, 'waits', 'failure')
    move(id, r.state, 'published', whole(now))
    return { 'settled', 'published' }
  end
end

-- Its article was retracted, or has a newer version. Returns a reply, or nil where it goes on.
local function overtaken(id, key, r)
  if r.act == 'retract' then return nil end
  local about = redis.call('HMGET', prefix .. ':article:' .. (r.article or ''), 'retracted', 'version')
  if about[1] then cancel(id, key, r, 'retracted', retractedReason)
  elseif count(r.parts) == 0 and (tonumber(about[2]) or 1) > (tonumber(r.version) or 1) then
    cancel(id, key, r, 'superseded', supersededReason)
  else return nil end
  giveBack(key, r.cost)
  return { 'settled', 'cancelled' }
end
local function isRetracted(r)
  return r.act ~= 'retract' and redis.call('HEXISTS', prefix .. ':article:' .. (r.article or ''), 'retracted') == 1
end
