-- Ends a turn, or makes it longer (no fields, wait '' ): only of whoever has it.
-- ARGV: prefix, feed, token, lease ms ('' ends the turn), wait until the next one (ms, or ''), then names and values to
--       write; an empty value removes the field. Returns 1, or 0 where the turn is another's by now.
local key = prefix .. ':feed:' .. ARGV[2]
if redis.call('HGET', key, 'token') ~= ARGV[3] then return 0 end
if ARGV[4] ~= '' then redis.call('HSET', key, 'until', whole(now + tonumber(ARGV[4])))
else redis.call('HDEL', key, 'until', 'token') end
if ARGV[5] ~= '' then redis.call('HSET', key, 'next', whole(now + tonumber(ARGV[5])), 'at', whole(now)) end
for i = 6, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', key, ARGV[i]) else redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
end
return 1
