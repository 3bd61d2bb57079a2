-- Gives what a channel has gathered to a digest that is stored: an entry in it waits for what becomes of it, the rest ends.
-- ARGV: prefix, channel, article id of the digest, then for each delivery: id, '' where the digest tells it, otherwise a
-- code and the reason why it does not. Returns how many it has. Done again, it changes nothing; what was taken out of the
-- digest meanwhile stays gathered.
local gathered, digest = prefix .. ':gathered:' .. ARGV[2], ARGV[3]

local entries = {}
local about = redis.call('HMGET', prefix .. ':article:' .. digest, 'version', 'retracted')
if about[1] and not about[2] then
  local story = cjson.decode(redis.call('HGET', prefix .. ':article:' .. digest, 'v' .. about[1]))
  for _, entry in ipairs(story.digest or {}) do entries[entry.article] = true end
end

local function give(id, code, reason)
  local key = prefix .. ':delivery:' .. id
  local r = waitingRecord(key)
  if code == '' and r and r.waits == 'digest' and not entries[r.article] then return 1 end
  redis.call('ZREM', gathered, id)
  if not r or r.digest or r.waits ~= 'digest' then return 1 end
  if code ~= '' then
    local about = cjson.encode({ code = code, reason = reason })
    local fields = fieldsWith(key, r.n, r.attempts, 'discarded', about)
    put(fields, 'state', 'discarded')
    put(fields, 'failure', cjson.encode({ class = 'discarded', code = code, at = now, reason = reason }))
    redis.call('HSET', key, unpack(fields))
    move(id, r.state, 'discarded', whole(now))
    return 1
  end
  redis.call('HSET', key, 'digest', digest)
  redis.call('SADD', prefix .. ':told:' .. digest, id)
  return 1
end

for i = 4, #ARGV, 3 do
  try(give, ARGV[i], ARGV[i + 1], ARGV[i + 2])
  flush()
end
redis.call('ZADD', prefix .. ':digests', 'NX', whole(now), digest)
return redis.call('SCARD', prefix .. ':told:' .. digest)
