-- Takes the turn to poll a feed, where it is due and nobody else is at it.
-- ARGV: prefix, feed, token, lease ms. Returns {'yours', etag, last modified, whether it was read before, failures in a row},
--       {'leased', ms} or {'later', ms}.
local key = ARGV[1] .. ':feed:' .. ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local f = redis.call('HMGET', key, 'until', 'next', 'wake', 'etag', 'lastModified', 'started', 'failures')
local untilMs, nextMs = tonumber(f[1] or '') or 0, tonumber(f[2] or '') or 0
if untilMs > now then return { 'leased', tostring(untilMs - now) } end
if nextMs > now and not f[3] then return { 'later', tostring(nextMs - now) } end
redis.call('HSET', key, 'token', ARGV[3], 'until', now + tonumber(ARGV[4]))
redis.call('HDEL', key, 'wake')
return { 'yours', f[4] or '', f[5] or '', f[6] or '', f[7] or '0' }
