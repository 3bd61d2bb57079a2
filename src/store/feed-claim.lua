-- Takes the turn to poll a feed, where it is due and nobody else is at it.
-- ARGV: prefix, feed, token, lease ms, what is asked for. A feed that is asked for otherwise than before is due at once,
--       and without what its server said of the old answer. Returns {'yours', etag, last modified, whether it was read before, failures in a row},
--       {'leased', ms} or {'later', ms}.
local key = prefix .. ':feed:' .. ARGV[2]
local f = redis.call('HMGET', key, 'until', 'next', 'wake', 'etag', 'lastModified', 'started', 'failures', 'about')
local untilMs, nextMs = tonumber(f[1] or '') or 0, tonumber(f[2] or '') or 0
if untilMs > now then return { 'leased', tostring(untilMs - now) } end
local isOther = f[8] and f[8] ~= ARGV[5]
if nextMs > now and not f[3] and not isOther then return { 'later', tostring(nextMs - now) } end
redis.call('HSET', key, 'token', ARGV[3], 'until', whole(now + tonumber(ARGV[4])), 'about', ARGV[5])
redis.call('HDEL', key, 'wake')
if isOther then
  redis.call('HDEL', key, 'etag', 'lastModified')
  f[4], f[5] = false, false
end
return { 'yours', f[4] or '', f[5] or '', f[6] or '', f[7] or '0' }
