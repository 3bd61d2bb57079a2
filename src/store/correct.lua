-- Stores a new version of an article, with the deliveries that carry it to where the old one is or was to be.
-- ARGV: prefix, article id, version that it replaces, how many deliveries there are, JSON of the new version, url hash (or
--       ''), content hash, embargo (epoch ms; '' leaves it as it is), then for each delivery: id, JSON of its fields
--       {article, version, channel, platform, recipient, priority, sandbox, act, follows}, outbox JSON.
-- Returns 'corrected'; 'changed' where it has another version or other deliveries by now; 'retracted'; or 'missing'.
noticeRestart()
local id = ARGV[2]
local article = prefix .. ':article:' .. id
local about = redis.call('HMGET', article, 'version', 'retracted', 'contentHash', 'urlHash')
if not about[1] then return 'missing' end
if about[2] then return 'retracted' end
if about[1] ~= ARGV[3] or redis.call('LLEN', article .. ':deliveries') ~= tonumber(ARGV[4]) then return 'changed' end

local version = tonumber(about[1]) + 1
redis.call('HSET', article, 'version', version, 'v' .. version, ARGV[5], 'contentHash', ARGV[7], 'corrected', whole(now))
-- Those of before are known again, and are forgotten with the article.
if about[3] and about[3] ~= ARGV[7] then redis.call('SADD', article .. ':keys', prefix .. ':content:' .. about[3]) end
redis.call('SET', prefix .. ':content:' .. ARGV[7], id, 'NX')
if ARGV[6] ~= '' and ARGV[6] ~= about[4] then
  if about[4] and about[4] ~= '' then redis.call('SADD', article .. ':keys', prefix .. ':url:' .. about[4]) end
  redis.call('HSET', article, 'urlHash', ARGV[6])
  redis.call('SET', prefix .. ':url:' .. ARGV[6], id, 'NX')
end
if ARGV[8] ~= '' then redis.call('HSET', article, 'embargo', ARGV[8]) end

for i = 9, #ARGV, 3 do
  local d = cjson.decode(ARGV[i + 1])
  local inherited = {}
  for _, before in ipairs(d.follows) do
    local r = cancelWaiting(before, 'superseded', supersededReason, false)
    if r then inherited = r end
  end
  planFollower(ARGV[i], d, ARGV[i + 2], inherited)
end
flush()
redis.call('PUBLISH', prefix .. ':wake', id)
return 'corrected'
