-- Records what came of claimed deliveries of fan-outs, one atomic step for a whole batch. A failure is refused where the
-- claim is lost; that a message is live is a fact, and taken from a late attempt too, unless another one is sending.
-- ARGV: prefix, failures in a row after which an account rests (0: never), for how many ms at first, then for each: id,
--       batch, place, fence, state ('published', or what follows from the failure), remote id, status, code, reason, wait
--       ms (or ''), spend (1 or 0), '1' where the person's window is over, account whose failures count (or ''), scopes as
--       JSON (see limits.lua; or ''), its slot, when the platform had it at the latest, and class of the failure (or '').
-- Returns for each: the state it is in now, or 'lost' where nothing was written.
local failuresToRest, restMs = tonumber(ARGV[2]), tonumber(ARGV[3])

local function nameOf(id, b, i, attempts) return 'L' .. string.sub(id, -6) .. '.' .. b .. '.' .. i .. '.' .. attempts end
local function whoAt(id, b, i) return whoIn((peopleOf(id, b))[i]) end

local function publish(f, b, i, r, remoteId, status)
  if r.state ~= 'published' then
    -- It failed after it was sent; or it was another message that did.
    if r.state == 'rejected' and redis.call('HGET', batchKey(f.id, b) .. ':m', i) == remoteId then return r.state end
    if not isPaidIn[r.state] then payFor(f, whoAt(f.id, b, i), isFreeText(f, r)) end
    become(f.id, b, r, 'published')
    r.at = hundredthsOf(f, now)
    restate(f.id, r, statusCodes[status] or statusCodes.accepted)
    keepRemoteId(f.id, b, i, remoteId)
    writeRecord(f.id, b, i, r)
  end
  return 'published'
end

local function settle(a)
  local id, b, i = ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2])
  local f = fanoutOf(id)
  local r = f and readRecord(id, b, i)
  if not r then return 'lost' end
  local state, whose = ARGV[a + 4], ARGV[a + 12]
  if ARGV[a + 13] ~= '' then arrived(nameOf(id, b, i, r.attempts - 1), ARGV[a + 13], ARGV[a + 14], ARGV[a + 15]) end
  local mine = r.state == 'sending' and r.fence == tonumber(ARGV[a + 3])
  if state == 'published' then
    works(whose)
    if r.state == 'sending' and not mine then return 'lost' end
    return publish(f, b, i, r, ARGV[a + 5], ARGV[a + 6])
  end
  if not mine then
    -- Said again, because the connection broke before the first answer.
    return r.fence == tonumber(ARGV[a + 3]) and r.state == state and state or 'lost'
  end
  local class = ARGV[a + 16]
  if class == 'unavailable' or class == 'unconfirmed' then fails(whose, failuresToRest, restMs) end
  local code = numberOf(id, ARGV[a + 7])
  if code ~= 0 then redis.call('HSETNX', fanoutKey(id), 'reason:' .. whole(code), ARGV[a + 8]) end
  local isFree = isFreeText(f, r)
  if ARGV[a + 10] == '0' then r.attempts = r.attempts - 1 end
  if ARGV[a + 11] == '1' then r.variant = noFreeText end
  become(id, b, r, state, code)
  r.at = ARGV[a + 9] ~= '' and hundredthsOf(f, now + tonumber(ARGV[a + 9])) or 0
  writeRecord(id, b, i, r)
  if state ~= 'unconfirmed' and state ~= 'held' then giveBackFor(f, whoAt(id, b, i), isFree) end
  return state
end

local replies = {}
for a = 4, #ARGV, 17 do
  local reply, fault = try(settle, a)
  replies[#replies + 1] = reply or 'fault: ' .. fault
end
flushFanouts()
return replies
