-- Records what came of claimed deliveries, one atomic step for a whole batch. A failure is refused where the claim is
-- lost; that a part is live is a fact, and taken from a late attempt too.
-- ARGV: prefix, failures in a row after which an account rests (0: never), for how many ms at first, then for each: id, token, state ('live': the part is), part index, parts of the post, receipt JSON
--       (or ''), remote id (or ''), account (or '' where nobody asks the platform), failure JSON (or ''), wait ms (or ''),
--       spend (1 or 0), held (1 or 0), account whose failures count (or ''), scopes as JSON (see limits.lua; or ''), its slot, and
--       when the platform had it at the latest.
-- Returns for each: the state the delivery is in now, 'lost' where nothing was written, or 'fault: ...'.
local failuresToRest, restMs = tonumber(ARGV[2]), tonumber(ARGV[3])

local names = { 'state', 'token', 'parts', 'attempts', 'n', 'schema', 'told', 'due', 'cost' }

local function settle(id, token, state, part, total, receipt, remoteId, account, failure, wait, spend, held, whose)
  local key = prefix .. ':delivery:' .. id
  local values = redis.call('HMGET', key, unpack(names))
  local r = {}
  for i, name in ipairs(names) do r[name] = values[i] or nil end
  if not r.state or isNewer(r.schema) then return 'lost' end
  local mine = r.token == token and r.state == 'sending'
  if state == 'live' then
    works(whose)
    local sent = count(r.parts)
    if sent > tonumber(part) then return r.state end
    if sent < tonumber(part) then return 'lost' end
    if r.state == 'sending' and not mine then
      -- Should the other attempt end in doubt, this settles it.
      if not r.told then redis.call('HSET', key, 'told', receipt) end
      return 'lost'
    end
    if not allowed[r.state].published then return 'lost' end
    if account ~= '' then own(account, remoteId, id) end
    -- What was told of it before its answer came.
    local told = r.told and cjson.decode(r.told)
    if told and told.remoteId ~= remoteId then told = nil end
    if told and told.status ~= 'failed' then
      local whole = cjson.decode(receipt)
      whole.status = told.status
      receipt = cjson.encode(whole)
    end
    local to = live(id, key, r, receipt, total)
    if not told or told.status ~= 'failed' or to ~= 'published' then return to end
    flush()
    r.state, r.n = to, redis.call('HGET', key, 'n')
    return hear(id, key, r, r.told, total)
  end
  -- Said again, because the connection broke before the first answer.
  if r.token == token and r.state == state then return state end
  if not mine then return 'lost' end
  local said = cjson.decode(failure)
  if said.class == 'unavailable' or (said.class == 'unconfirmed' and said.code ~= 'duplicate') then fails(whose, failuresToRest, restMs) end
  if r.told then
    -- Another attempt is live for certain, whatever became of this one. What failed there says nothing of this one,
    -- unless nothing else is known.
    if state == 'unconfirmed' or cjson.decode(r.told).status ~= 'failed' then
      return hear(id, key, r, r.told, total)
    end
    redis.call('HDEL', key, 'told')
  end
  local about = cjson.encode({ code = said.code ~= cjson.null and said.code or nil, reason = said.reason })
  local fields = fieldsWith(key, r.n, r.attempts, state, about)
  put(fields, 'state', state)
  put(fields, 'failure', failure)
  if spend == '0' then put(fields, 'attempts', r.attempts - 1) end
  local due = whole(now + (tonumber(wait) or 0))
  if state == 'unconfirmed' then
    if said.code ~= cjson.null then put(fields, 'code', said.code) end
    if held == '1' then put(fields, 'held', '1') end
  else
    put(fields, 'inflight', '')
    giveBack(key, r.cost)
  end
  if wait ~= '' then put(fields, 'due', due) end
  redis.call('HSET', key, unpack(fields))
  move(id, r.state, state, state == 'retryable' and due or whole(now))
  if state == 'unconfirmed' then
    if held == '1' then alarm(id) else askAt(id, due) end
  end
  return state
end

local replies, seen = {}, {}
for i = 4, #ARGV, 16 do
  local id = ARGV[i]
  if seen[id] then flush() end
  seen[id] = true
  if ARGV[i + 13] ~= '' then arrived(id, ARGV[i + 13], ARGV[i + 14], ARGV[i + 15]) end
  local reply, fault = try(settle, id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6],
    ARGV[i + 7], ARGV[i + 8], ARGV[i + 9], ARGV[i + 10], ARGV[i + 11], ARGV[i + 12])
  replies[#replies + 1] = reply or 'fault: ' .. fault
end
flush()
return replies
