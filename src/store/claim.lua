-- Claims deliveries for sending, one atomic step for a whole batch.
-- ARGV: prefix, lease ms, then for each: id, token, part index, post hash, account, channel, stale after ms (or ''),
--       resend (1 where an attempt without a known end may be repeated, else 0).
-- Returns for each: {verdict, detail, ...}; see deliveries.ts.
local lease = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- As text once: Redis formats every number that it is given, slowly.
local leaseEnd = string.format('%.0f', now + lease)
local anyPaused = redis.call('HLEN', prefix .. ':paused') > 0

local function claim(id, token, part, post, account, channel, staleAfter, resend)
  local key = prefix .. ':delivery:' .. id
  local r = redis.call('HMGET', key, 'state', 'token', 'until', 'due', 'inflight', 'attempts', 'parts', 'planned')
  local state = r[1]
  if not state then return { 'missing' } end
  local leasedUntil = tonumber(r[3]) or 0
  if state == 'sending' then
    if r[2] == token and leasedUntil > now then
      redis.call('HSET', key, 'until', leaseEnd, 'inflight', part)
      move(id, 'sending', 'sending', leaseEnd)
      return { 'claimed', r[6], r[7] or '[]', leaseEnd }
    end
    if leasedUntil > now then return { 'leased', r[3] } end
    if r[5] and r[5] ~= '' and resend ~= '1' then
      -- Its request may have left before the worker died: never back to scheduled.
      redis.call('HSET', key, 'state', 'unconfirmed', 'held', '1', 'failure', cjson.encode({
        class = 'unconfirmed', code = cjson.null, at = now,
        reason = 'The worker that was sending this stopped before it recorded an answer.' }))
      move(id, 'sending', 'unconfirmed', now)
      table.insert(events, id .. ' unconfirmed')
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
  -- From the time it was planned for: an embargo or a wish for later makes no news stale.
  if staleAfter ~= '' and now > tonumber(r[8]) + tonumber(staleAfter) then
    redis.call('HSET', key, 'state', 'discarded', 'failure', cjson.encode({
      class = 'discarded', code = cjson.null, at = now,
      reason = 'Older than the channel\'s staleAfter when its turn came.' }))
    move(id, state, 'discarded', now)
    table.insert(events, id .. ' discarded')
    return { 'settled', 'discarded' }
  end
  redis.call('HSET', key, 'state', 'sending', 'token', token, 'until', leaseEnd, 'inflight', part,
    'attempts', r[6] + 1, 'post', post)
  move(id, state, 'sending', leaseEnd)
  return { 'claimed', tostring(r[6] + 1), r[7] or '[]', leaseEnd }
end

local replies, seen = {}, {}
for i = 3, #ARGV, 8 do
  local id = ARGV[i]
  if seen[id] then flush() end
  seen[id] = true
  replies[#replies + 1] =
    claim(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6], ARGV[i + 7])
end
flush()
return replies
