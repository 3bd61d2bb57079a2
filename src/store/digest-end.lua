-- What a digest tells has gone out with it, or has not.
-- ARGV: prefix, article id of the digest, '1' where all its deliveries are published (nothing more can come of it), then for
-- each delivery that it tells: id, receipt JSON of the digest (or '' where it was not posted), and the reason then.
-- Returns how many have changed.
local digest, changed = ARGV[2], 0

local function finish(id, receipt, reason)
  local key = prefix .. ':delivery:' .. id
  local values = redis.call('HMGET', key, 'state', 'attempts', 'n', 'digest', 'schema')
  local state, n, attempts = values[1], values[3], values[2]
  if not state or values[4] ~= digest or isNewer(values[5]) then return 1 end
  local to = receipt ~= '' and 'published' or 'discarded'
  if state == to or not (allowed[state] and allowed[state][to]) then return 1 end
  local about = receipt ~= '' and { reason = 'in the digest ' .. digest } or { code = 'digest-failed', reason = reason }
  local fields = fieldsWith(key, n, attempts, to, cjson.encode(about))
  put(fields, 'state', to)
  if receipt ~= '' then put(fields, 'parts', '[' .. receipt .. ']')
  else put(fields, 'failure', cjson.encode({ class = 'discarded', code = 'digest-failed', at = now, reason = reason })) end
  redis.call('HSET', key, unpack(fields))
  redis.call('HDEL', key, 'waits', unpack(receipt ~= '' and { 'failure' } or {}))
  move(id, state, to, whole(now))
  changed = changed + 1
  return 1
end

for i = 4, #ARGV, 3 do
  try(finish, ARGV[i], ARGV[i + 1], ARGV[i + 2])
  flush()
end
if ARGV[3] == '1' then
  redis.call('ZREM', prefix .. ':digests', digest)
  redis.call('DEL', prefix .. ':told:' .. digest)
end
return changed
