-- Stands after state-lists.lua, before scripts that change what waiting deliveries wait for.

local waitingNames = { 'state', 'article', 'version', 'channel', 'platform', 'recipient', 'priority', 'parts', 'attempts',
  'n', 'schema', 'waits', 'approved', 'slot', 'cleared', 'doubted', 'digest' }
local doubtSince = tonumber(redis.call('HGET', prefix .. ':epoch', 'since') or '') or 0

-- The record of a delivery that waits for its time, or nil.
local function waitingRecord(key)
  local values = redis.call('HMGET', key, unpack(waitingNames))
  local r = {}
  for i, name in ipairs(waitingNames) do r[name] = values[i] or nil end
  if r.state == 'scheduled' or r.state == 'retryable' then return r end
end

-- Redis may have forgotten that it was sent for this already: due since before that, it is asked about first wherever a
-- claim would ask.
local function isForgotten(r)
  if doubtSince == 0 or (tonumber(r.cleared) or 0) >= doubtSince or (tonumber(r.doubted) or 0) >= doubtSince then
    return false
  end
  return (tonumber(redis.call('ZSCORE', prefix .. ':articles', r.article) or '') or 0) < doubtSince
end

-- It is due at another time, and its job wakes for that. `why`: what it waits for until then, or nil.
local function comeAt(id, key, r, due, why)
  if tonumber(due) <= now and isForgotten(r) then due = whole(doubtSince - 1) end
  redis.call('HSET', key, 'due', due)
  if why then redis.call('HSET', key, 'waits', why) else redis.call('HDEL', key, 'waits') end
  if r.slot then redis.call('HDEL', key, 'slot', 'lane', 'shift') end
  postpone(id, r.state, due)
  local job = { delivery = id, article = r.article, version = tonumber(r.version), channel = r.channel,
    platform = r.platform, priority = tonumber(r.priority), due = tonumber(due), wake = true }
  if r.recipient and r.recipient ~= '' then job.recipient = r.recipient end
  redis.call('ZADD', prefix .. ':outbox', now, cjson.encode(job))
end
