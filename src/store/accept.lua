-- Accepts an article: dedupes, then stores article, deliveries and outbox entries, all or nothing.
-- ARGV: prefix, article id, article JSON, url hash (or ''), content hash, idempotency key hash (or ''), request hash,
--       idempotency ttl ms, JSON of why other channels do not take it, embargo (epoch ms, or ''), kind (or '', or with the
--       article that it repeats behind a colon), its marks in hex ('': nothing is near to it), window of near-duplicates
--       (ms), JSON array of article ids that it was compared with ('': with as many as need be), id of the article that it
--       is a near-duplicate of (or ''), JSON of how near, id of the article that it follows (or ''), then for each delivery:
--       id, JSON of its fields {channel, platform, recipient, due, sandbox, waits, act,
--       follows}, outbox JSON (the job's data).
-- Returns {verdict, article id}: 'new', 'duplicate' (also 'replayed' under the same key; with JSON of how near it is, where
-- the text is not the same), 'conflict' (also where what it repeats was retracted); or {'near', ids and versions of articles to
-- compare it with}, and nothing is written.
local id = ARGV[2]
local kind, original = string.match(ARGV[11], '^(%a*):?(.*)$')
if original ~= '' and redis.call('HEXISTS', prefix .. ':article:' .. original, 'retracted') == 1 then
  return { 'conflict', original }
end

if ARGV[6] ~= '' then
  local before = redis.call('HMGET', prefix .. ':idempotency:' .. ARGV[6], 'request', 'article')
  if before[1] then
    if before[1] ~= ARGV[7] then return { 'conflict', before[2] } end
    return { 'replayed', before[2] }
  end
end

local function known()
  if redis.call('EXISTS', prefix .. ':article:' .. id) == 1 then return id end
  if ARGV[4] ~= '' then
    local byUrl = redis.call('GET', prefix .. ':url:' .. ARGV[4])
    if byUrl then return byUrl end
  end
  return redis.call('GET', prefix .. ':content:' .. ARGV[5])
end

local existing = known()
local isNear = false
if not existing and ARGV[12] ~= '' then
  if ARGV[15] ~= '' and redis.call('EXISTS', prefix .. ':article:' .. ARGV[15]) == 1 then
    existing = ARGV[15]
    isNear = true
  else
    local others = ARGV[14] == '' and {} or nearTo(id, ARGV[12], tonumber(ARGV[13]), cjson.decode(ARGV[14]))
    if #others > 0 then return { 'near', unpack(others) } end
  end
end
if isNear then noteTwin(existing, id, ARGV[5], ARGV[16]) end
if ARGV[6] ~= '' then
  redis.call('HSET', prefix .. ':idempotency:' .. ARGV[6], 'request', ARGV[7], 'article', existing or id)
  redis.call('PEXPIRE', prefix .. ':idempotency:' .. ARGV[6], ARGV[8])
end
if existing then
  return { 'duplicate', existing, redis.call('HGET', prefix .. ':article:' .. existing .. ':near', id) or '' }
end

redis.call('HSET', prefix .. ':article:' .. id, 'version', 1, 'v1', ARGV[3], 'at', now,
  'urlHash', ARGV[4], 'contentHash', ARGV[5], 'left', ARGV[9])
if kind ~= '' then redis.call('HSET', prefix .. ':article:' .. id, 'kind', kind) end
if ARGV[17] ~= '' then redis.call('HSET', prefix .. ':article:' .. id, 'follows', ARGV[17]) end
if ARGV[10] ~= '' then redis.call('HSET', prefix .. ':article:' .. id, 'embargo', ARGV[10]) end
redis.call('ZADD', prefix .. ':articles', now, id)
if ARGV[4] ~= '' then redis.call('SET', prefix .. ':url:' .. ARGV[4], id) end
redis.call('SET', prefix .. ':content:' .. ARGV[5], id)

if ARGV[12] ~= '' then listNear(id, ARGV[12], tonumber(ARGV[13])) end

for i = 18, #ARGV, 3 do
  local d = cjson.decode(ARGV[i + 1])
  -- What waits for nothing is due by this clock, not by that of whoever planned it.
  local due = d.waits and d.due or whole(now)
  if (d.priority or 10) <= 1 then watch(id, due) end
  redis.call('HSET', prefix .. ':delivery:' .. ARGV[i], 'article', id, 'version', 1, 'channel', d.channel,
    'platform', d.platform, 'recipient', d.recipient or '', 'state', 'scheduled', 'due', due, 'attempts', 0,
    'priority', d.priority,
    'sandbox', d.sandbox and '1' or '', 'planned', due, 'schema', schema)
  if d.waits then redis.call('HSET', prefix .. ':delivery:' .. ARGV[i], 'waits', d.waits) end
  if d.wish then redis.call('HSET', prefix .. ':delivery:' .. ARGV[i], 'wish', d.wish) end
  if d.act then
    redis.call('HSET', prefix .. ':delivery:' .. ARGV[i], 'act', d.act, 'follows', cjson.encode(d.follows), 'schema',
      followSchema)
  end
  redis.call('ZADD', prefix .. ':state:scheduled', due, ARGV[i])
  redis.call('RPUSH', prefix .. ':article:' .. id .. ':deliveries', ARGV[i])
  redis.call('ZADD', prefix .. ':outbox', now, ARGV[i + 2])
end
redis.call('PUBLISH', prefix .. ':wake', id)
return { 'new', id }
