-- What a person says of a whole fan-out.
-- ARGV: prefix, id, word, and by that word
--       'cancel' (what waits is not sent): perhaps why, as a code;
--       'published' or 'not-published' (of those that are held): first batch, how many batches;
--       'retry' (what has failed is sent again): likewise, then codes that are left as they are.
-- Returns how many deliveries that was, and how many batches there are; or {-1} where there is no such fan-out.
local id, word = ARGV[2], ARGV[3]
local f = fanoutOf(id)
if not f then return { -1 } end
local about = redis.call('HMGET', fanoutKey(id), 'batches', 'job', 'cancelled', 'ended')
if word == 'cancel' then
  redis.call('HSET', fanoutKey(id), 'cancelled', ARGV[4] or 'cancelled')
  redis.call('ZREM', ranksKey(f.account), id)
  local left = 0
  for _, state in ipairs({ 'scheduled', 'retryable' }) do
    left = left + (tonumber(redis.call('HGET', fanoutKey(id), 'n:' .. state) or '') or 0)
  end
  return { left, tonumber(about[1]) or 0 }
end
-- Who waits of a cancelled list is still to be settled: nothing may be sent before that.
local isStopping = about[3] and not about[4]
-- Likewise of what has changed or is withdrawn: it would end as cancelled, and hide why it had failed.
local function isOver()
  local job, article = cjson.decode(about[2]), redis.call('HMGET', prefix .. ':article:' .. f.article, 'retracted', 'version')
  return job.act ~= 'retract' and (article[1] or (tonumber(article[2]) or 1) > job.version)
end
if word == 'retry' and (isStopping or isOver()) then return { 0, 0 } end
local spared = {}
for i = 6, #ARGV do spared[numberOf(id, ARGV[i])] = true end
local changed = 0
local batches, from = tonumber(about[1]) or 0, tonumber(ARGV[4])
for b = from, math.min(batches, from + tonumber(ARGV[5])) - 1 do
  local bytes = redis.call('GET', batchKey(id, b) .. ':s') or ''
  local before, people = changed, word == 'not-published' and peopleOf(id, b)
  for i = 0, #bytes / recordSize - 1 do
    local r = toRecord(bytes, i * recordSize + 1)
    local isMeant = word == 'retry' and (r.state == 'rejected' or r.state == 'discarded') and not spared[r.code]
      or word ~= 'retry' and r.state == 'held'
    if isMeant then
      if word == 'published' then
        become(id, b, r, 'published')
      else
        if r.state == 'held' then
          giveBackFor(f, whoIn(people[i]), isFreeText(f, r), r.at > 0 and timeIn(f, r.at) or nil)
        end
        become(id, b, r, 'retryable')
        r.attempts, r.at, r.variant = 0, 0, 0
        if r.status > 0 then tally(id, 's:' .. statusNames[r.status], -1) end
        r.status = 0
        -- What is told of it again is no news of the one that is sent now.
        local sent = batchKey(id, b) .. ':m'
        local remoteId = redis.call('HGET', sent, i)
        if remoteId then
          local gone = redis.call('HGET', sent, 'gone' .. i)
          redis.call('HSET', sent, 'gone' .. i, (gone and gone .. ' ' or '') .. remoteId)
          redis.call('HDEL', sent, i)
        end
      end
      writeRecord(id, b, i, r)
      changed = changed + 1
    end
  end
  if changed > before and word ~= 'published' then
    local entry = string.sub(about[2], 1, -2) .. ',"batch":' .. b .. ',"due":' .. whole(now) .. '}'
    redis.call('ZADD', prefix .. ':outbox', whole(now), entry)
  end
end
if changed > 0 and word ~= 'published' then
  if not isStopping then redis.call('HDEL', fanoutKey(id), 'cancelled') end
  redis.call('HSET', fanoutKey(id), 'planned', whole(now), 'again', '1')
end
flushFanouts()
redis.call('PUBLISH', prefix .. ':wake', id)
return { changed, batches }
