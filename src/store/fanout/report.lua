-- What the platform told later of messages of fan-outs: moves forward only, however often and in whatever order.
-- ARGV: prefix, then for each: id, batch, place, remote id, status, code (or ''), reason.
-- Returns for each: the state it is in now and the person where the message has failed just now (else ''); or 'unknown'.
local function report(a)
  local id, b, i, remoteId, status = ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2]), ARGV[a + 3], ARGV[a + 4]
  local f = fanoutOf(id)
  local r = f and readRecord(id, b, i)
  if not r then return 'unknown' end
  local to = statusCodes[status]
  local failed = status == 'failed'
  local known = redis.call('HMGET', batchKey(id, b) .. ':m', i, 'gone' .. i)
  local kept = known[1]
  -- Of a message before that one: it was sent again.
  if kept and kept ~= remoteId or known[2] and string.find(known[2], remoteId, 1, true) then return r.state end
  if r.state == 'published' or r.state == 'rejected' and kept then
    local forward = failed and r.status < statusCodes.delivered or not failed and r.status ~= statusCodes.failed and to > r.status
    if not forward then return r.state end
  elseif hasEnded[r.state] then
    -- That it is there is a fact, whatever has been given up since.
    if failed or r.status == statusCodes.failed then return r.state end
  elseif failed and r.state == 'scheduled' then
    return r.state
  end
  local isPaid, before = isPaidIn[r.state], timeIn(f, r.at)
  restate(id, r, to)
  r.at = hundredthsOf(f, now)
  if not kept then keepRemoteId(id, b, i, remoteId) end
  if not failed then
    if not isPaid then payFor(f, whoIn((peopleOf(id, b))[i]), isFreeText(f, r)) end
    if r.state ~= 'published' then become(id, b, r, 'published') end
    writeRecord(id, b, i, r)
    return 'published'
  end
  local code = numberOf(id, ARGV[a + 5])
  if code ~= 0 then redis.call('HSETNX', fanoutKey(id), 'reason:' .. whole(code), ARGV[a + 6]) end
  become(id, b, r, 'rejected', code)
  writeRecord(id, b, i, r)
  local who = whoIn((peopleOf(id, b))[i])
  if isPaid then giveBackFor(f, who, isFreeText(f, r), before) end
  return 'rejected', who
end

local replies = {}
for a = 2, #ARGV, 7 do
  local done, state, who = pcall(report, a)
  replies[#replies + 1] = done and state or 'fault: ' .. (type(state) == 'table' and state.err or tostring(state))
  replies[#replies + 1] = done and who or ''
end
flushFanouts()
return replies
