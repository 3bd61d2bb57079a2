-- Adds deliveries to a stored article, with their outbox entries, all or nothing.
-- ARGV: prefix, then for each delivery: id, JSON of its fields, outbox JSON (as in accept.lua).
-- Returns 'extended', or 'changed' where the article has another version by now.
for i = 2, #ARGV, 3 do
  local d = cjson.decode(ARGV[i + 1])
  local version = redis.call('HGET', prefix .. ':article:' .. d.article, 'version')
  if version and tonumber(version) ~= d.version then return 'changed' end
end
for i = 2, #ARGV, 3 do
  local key = prefix .. ':delivery:' .. ARGV[i]
  if redis.call('EXISTS', key) == 0 then
    local d = cjson.decode(ARGV[i + 1])
    local due = d.waits and d.due or whole(now)
    if (d.priority or 10) <= 1 then watch(d.article, due) end
    redis.call('HSET', key, 'article', d.article, 'version', d.version, 'channel', d.channel,
      'platform', d.platform, 'recipient', d.recipient or '', 'state', 'scheduled', 'due', due, 'attempts', 0,
      'priority', d.priority,
      'sandbox', d.sandbox and '1' or '', 'planned', due, 'schema', schema)
    if d.waits then redis.call('HSET', key, 'waits', d.waits) end
    if d.wish then redis.call('HSET', key, 'wish', d.wish) end
    redis.call('ZADD', prefix .. ':state:scheduled', due, ARGV[i])
    redis.call('RPUSH', prefix .. ':article:' .. d.article .. ':deliveries', ARGV[i])
    redis.call('ZADD', prefix .. ':outbox', now, ARGV[i + 2])
  end
end
redis.call('PUBLISH', prefix .. ':wake', '')
return 'extended'
