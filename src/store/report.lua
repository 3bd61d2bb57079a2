-- What the platform tells later about messages, in any order and any number of times; states only move forward.
-- ARGV: prefix, then for each: id, report JSON {remoteId, status, at, how, code, reason}.
-- Returns for each: the state afterwards, 'unknown' where there is no such delivery, or 'newer' where its record was
-- written by a newer process, to be told again later, or 'fault: ...'.
local ranks = { sent = 1, delivered = 2, read = 3 }
local function rank(status) return ranks[status] or 0 end

local function report(id, told)
  local key = prefix .. ':delivery:' .. id
  local values = redis.call('HMGET', key, 'state', 'parts', 'attempts', 'n', 'total', 'schema', 'told', 'gone')
  local r = { state = values[1] or nil, parts = values[2] or nil, attempts = values[3], n = values[4] }
  if not r.state then return 'unknown' end
  if isNewer(values[6]) then return 'newer' end
  local said = cjson.decode(told)
  if isGone(values[8] or nil, said.remoteId) then return r.state end
  local failed = said.status == 'failed'
  if count(r.parts) > 0 then
    local parts = cjson.decode(r.parts)
    for _, receipt in ipairs(parts) do
      if receipt.remoteId == said.remoteId then
        local before = rank(receipt.status)
        local forward = failed and before < ranks.delivered and receipt.status ~= 'failed'
          or not failed and receipt.status ~= 'failed' and rank(said.status) > before
        if not forward then return r.state end
        receipt.status = said.status
        local note = { reason = failed and said.reason or said.status, code = said.code }
        local fields = fieldsWith(key, r.n, r.attempts, 'status', cjson.encode(note))
        put(fields, 'parts', cjson.encode(parts))
        local rejected = failed and allowed[r.state].rejected
        if rejected then
          put(fields, 'state', 'rejected')
          put(fields, 'failure', cjson.encode({ class = 'rejected', code = said.code or cjson.null, at = said.at,
            reason = said.reason or 'The platform reports that it could not be delivered.' }))
        end
        redis.call('HSET', key, unpack(fields))
        if not rejected then return r.state end
        move(id, r.state, 'rejected', whole(now))
        giveBack(key, redis.call('HGET', key, 'cost'))
        return 'rejected'
      end
    end
    return r.state
  end
  if r.state == 'sending' then
    -- Its answer is still under way; this counts where that never comes.
    local before = values[7] and cjson.decode(values[7]) or {}
    if failed or rank(said.status) > rank(before.status) then redis.call('HSET', key, 'told', told) end
    return 'sending'
  end
  if not allowed[r.state][failed and 'rejected' or 'published'] then return r.state end
  return hear(id, key, r, told, values[5])
end

local replies = {}
for i = 2, #ARGV, 2 do
  local reply, fault = try(report, ARGV[i], ARGV[i + 1])
  replies[#replies + 1] = reply or 'fault: ' .. fault
  flush()
end
return replies
