-- Stands before claim.lua: what keeps a delivery from going beside the limits of its platform, judged at the moment of
-- sending. What is live in part is finished, whatever the hour.

local dayMs = 86400000

-- It comes again at `due`, and spends nothing.
local function hold(id, key, r, due, why)
  due = whole(due)
  if r.state == 'sending' then
    redis.call('HSET', key, 'state', 'retryable', 'inflight', '')
    move(id, 'sending', 'retryable', due)
  else
    postpone(id, r.state, due)
  end
  redis.call('HSET', key, 'due', due, 'waits', why)
  if r.slot then redis.call('HDEL', key, 'slot', 'lane', 'shift') end
  return { 'early', whole(tonumber(due) - now) }
end

-- It ends without being posted.
local function drop(id, key, r, code, reason)
  local fields = fieldsWith(key, r.n, r.attempts, 'discarded', cjson.encode({ code = code, reason = reason }))
  put(fields, 'state', 'discarded')
  put(fields, 'inflight', '')
  put(fields, 'failure', cjson.encode({ class = 'discarded', code = code or cjson.null, at = now, reason = reason }))
  redis.call('HSET', key, unpack(fields))
  if r.waits then redis.call('HDEL', key, 'waits') end
  move(id, r.state, 'discarded', whole(now))
  redis.call('ZREM', prefix .. ':approvals', id)
  return { 'settled', 'discarded' }
end

-- It goes into the next digest of its channel, and looks now and then whether that is still so.
local function gather(id, key, r, channel, stale)
  redis.call('ZADD', prefix .. ':gathered:' .. channel, 'NX', whole(now), id)
  return hold(id, key, r, math.min(now + dayMs, stale and stale + 1 or math.huge), 'digest')
end

-- `hours`: `until|opens|late|because`: the channel is open until then (epoch ms; 0: it is closed; empty: for ever), and
-- opens then (empty: never, as far as one can see); what becomes of what is late; and why it is closed. Or empty.
local function isShut(hours)
  local open, opens, late, because = string.match(hours, '^(%d*)|(%d*)|(%a+)|(.*)$')
  if open == '' or now + 200 < tonumber(open) then return false end
  return true, tonumber(opens) or now + dayMs, late, because
end

-- `approval`: '1' where a person has to say yes; `collects`: '1' where it goes into a digest. Returns a reply, or nil where
-- it may go.
local function gate(id, key, r, channel, hours, approval, collects, staleAfter)
  -- What is to go away goes at any hour.
  if r.act == 'retract' then return nil end
  -- A digest has it, and tells it.
  if r.digest then return hold(id, key, r, now + dayMs, 'digest') end
  local about = redis.call('HMGET', prefix .. ':article:' .. (r.article or ''), 'embargo', 'kind')
  local embargo, isDigest = tonumber(about[1] or ''), about[2] == 'digest'
  r.isDigest = isDigest
  if embargo and embargo > now then
    redis.call('HSET', key, 'planned', whole(math.max(embargo, tonumber(r.planned))))
    return hold(id, key, r, embargo, 'embargo')
  end
  local wish = tonumber(r.wish or '')
  if wish and wish > now then return hold(id, key, r, wish, 'time') end
  local stale = staleAfter ~= '' and tonumber(r.planned) + tonumber(staleAfter)
  if stale and now > stale then
    if r.waits == 'approval' then
      return drop(id, key, r, 'approval', 'Nobody said yes to it before the channel\'s staleAfter was over.')
    end
    return drop(id, key, r, nil, 'Older than the channel\'s staleAfter when its turn came.')
  end
  -- What a person sends again goes by itself.
  if collects == '1' and not isDigest and r.again ~= '1' then return gather(id, key, r, channel, stale) end
  if approval == '1' and r.approved ~= '1' then
    if r.waits ~= 'approval' then
      redis.call('ZADD', prefix .. ':approvals', whole(now), id)
      table.insert(events, id .. ' approval')
    end
    return hold(id, key, r, stale and stale + 1 or now + dayMs, 'approval')
  end
  if hours ~= '' then
    local shut, opens, late, because = isShut(hours)
    if shut and late == 'digest' and not isDigest and r.again ~= '1' then return gather(id, key, r, channel, stale) end
    if shut and late == 'drop' and r.again ~= '1' then
      return drop(id, key, r, 'closed', 'The channel was closed when its time came (' .. because .. '), and drops what is late.')
    end
    if shut then
      -- The hours of its channel make no news stale.
      redis.call('HSET', key, 'planned', whole(opens))
      return hold(id, key, r, opens, 'timetable:' .. because)
    end
  end
end
