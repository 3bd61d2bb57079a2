-- Claims deliveries for sending, one atomic step for a whole batch.
-- ARGV: prefix, lease ms, then for each: id, token, part index, post hash, account, channel, stale after ms (or ''),
--       resend (1 where an attempt without a known end may be repeated, else 0).
-- Returns for each: {verdict, detail, ...}; see deliveries.ts.
local prefix, lease = ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local anyPaused = redis.call('HLEN', prefix .. ':paused') > 0
local replies = {}

local function move(id, from, to, score)
  if from ~= to then redis.call('ZREM', prefix .. ':state:' .. from, id) end
  redis.call('ZADD', prefix .. ':state:' .. to, score, id)
end

local function claim(id, token, part, post, account, channel, staleAfter, resend)
  local key = prefix .. ':delivery:' .. id
  local r = redis.call('HMGET', key, 'state', 'token', 'until', 'due', 'inflight', 'attempts', 'parts', 'at')
  local state = r[1]
  if not state then return { 'missing' } end
  local leasedUntil = tonumber(r[3]) or 0
  if state == 'sending' then
    if r[2] == token and leasedUntil > now then
      redis.call('HSET', key, 'until', now + lease, 'inflight', part)
      redis.call('ZADD', prefix .. ':state:sending', now + lease, id)
      return { 'claimed', r[6], r[7] or '[]', tostring(now + lease) }
    end
    if leasedUntil > now then return { 'leased', r[3] } end
    if r[5] and r[5] ~= '' and resend ~= '1' then
      -- Its request may have left before the worker died: never back to scheduled.
      redis.call('HSET', key, 'state', 'unconfirmed', 'held', '1', 'failure', cjson.encode({
        class = 'unconfirmed', code = cjson.null, at = now,
        reason = 'The worker that was sending this stopped before it recorded an answer.' }))
      move(id, 'sending', 'unconfirmed', now)
      redis.call('PUBLISH', prefix .. ':events', id .. ' unconfirmed')
      return { 'expired' }
    end
  elseif state ~= 'scheduled' and state ~= 'retryable' then
    return { 'settled', state }
  end
  if state ~= 'sending' and tonumber(r[4]) > now then return { 'early', r[4] } end
  if anyPaused then
    local reason = redis.call('HGET', prefix .. ':paused', 'account:' .. account)
      or redis.call('HGET', prefix .. ':paused', 'channel:' .. channel)
    if reason then return { 'paused', reason } end
  end
  if staleAfter ~= '' and now > tonumber(r[8]) + tonumber(staleAfter) then
    redis.call('HSET', key, 'state', 'discarded', 'failure', cjson.encode({
      class = 'discarded', code = cjson.null, at = now,
      reason = 'Older than the channel\'s staleAfter when its turn came.' }))
    move(id, state, 'discarded', now)
    redis.call('PUBLISH', prefix .. ':events', id .. ' discarded')
    return { 'settled', 'discarded' }
  end
  redis.call('HSET', key, 'state', 'sending', 'token', token, 'until', now + lease, 'inflight', part,
    'attempts', r[6] + 1, 'post', post)
  move(id, state, 'sending', now + lease)
  return { 'claimed', tostring(r[6] + 1), r[7] or '[]', tostring(now + lease) }
end

for i = 3, #ARGV, 8 do
  replies[#replies + 1] =
    claim(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6], ARGV[i + 7])
end
return replies
