-- Forgets articles whose deliveries are all final, with everything kept about them.
-- ARGV: prefix, most batches of lists a call, then article ids. Returns how many went, and 1 where there are batches left.
local prefix = ARGV[1]
local left = tonumber(ARGV[2])
local final = { published = true, rejected = true, discarded = true, cancelled = true }

-- Those of a large list would keep Redis from all else for long. Returns whether none is left.
local function forgetBatches(id)
  local key = prefix .. ':fanout:' .. id
  local before = tonumber(redis.call('HGET', key, 'batches') or '') or 0
  local batches = math.max(0, before - left)
  for b = batches, before - 1 do
    redis.call('UNLINK', key .. ':' .. b, key .. ':' .. b .. ':s', key .. ':' .. b .. ':m')
  end
  left = left - (before - batches)
  if batches < before then redis.call('HSET', key, 'batches', batches) end
  return batches == 0
end

-- With its share of the numbers of all.
local function forgetFanout(id)
  local key = prefix .. ':fanout:' .. id
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    local code = string.match(fields[i], '^f:(%d+)$')
    local isCounted = string.find(fields[i], '^[ns]:') or code and code ~= '0' and tonumber(code) < 4000000000
    if isCounted and tonumber(fields[i + 1]) > 0 then
      redis.call('HINCRBY', prefix .. ':fanouts:counts', fields[i], '-' .. fields[i + 1])
    end
  end
  redis.call('ZREM', prefix .. ':fanouts:ranks:' .. (redis.call('HGET', key, 'account') or ''), id)
  redis.call('DEL', key, key .. ':twins', key .. ':late')
  for _, name in ipairs({ ':fanouts:ended', ':fanouts:all', ':held' }) do redis.call('ZREM', prefix .. name, id) end
end

local gone = 0
for i = 3, #ARGV do
  local key = prefix .. ':article:' .. ARGV[i]
  local ids = redis.call('LRANGE', key .. ':deliveries', 0, -1)
  -- It may be shared again.
  local open = redis.call('ZSCORE', prefix .. ':evergreen', ARGV[i]) ~= false
  for _, id in ipairs(ids) do
    local state = redis.call('HGET', prefix .. ':delivery:' .. id, 'state')
    if state and not final[state] then open = true end
  end
  if not open then
    for _, id in ipairs(ids) do
      if not forgetBatches(id) then return { gone, 1 } end
    end
    for _, id in ipairs(ids) do
      local state = redis.call('HGET', prefix .. ':delivery:' .. id, 'state')
      if state then redis.call('ZREM', prefix .. ':state:' .. state, id) end
      redis.call('DEL', prefix .. ':delivery:' .. id)
      forgetFanout(id)
    end
    local hashes = redis.call('HMGET', key, 'urlHash', 'contentHash')
    if hashes[1] and hashes[1] ~= '' then redis.call('DEL', prefix .. ':url:' .. hashes[1]) end
    if hashes[2] then redis.call('DEL', prefix .. ':content:' .. hashes[2]) end
    for _, other in ipairs(redis.call('SMEMBERS', key .. ':keys')) do redis.call('DEL', other) end
    redis.call('DEL', key, key .. ':deliveries', key .. ':keys')
    redis.call('ZREM', prefix .. ':retracting', ARGV[i])
    redis.call('ZREM', prefix .. ':articles', ARGV[i])
    gone = gone + 1
  end
end
return { gone, 0 }
