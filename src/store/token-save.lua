-- Stores a renewed pair of tokens. What decides is not the lock but the refresh token that was spent for it: a pair that
-- is there is a fact, and the only one that follows.
-- ARGV: key, the refresh token spent, ms that the tokens are kept, then field and value by turns.
-- Returns 1; 0 where another one is stored by now.
local key, spent = ARGV[1], ARGV[2]
local current = redis.call('HGET', key, 'refreshToken')
if current and current ~= spent then return 0 end
redis.call('HSET', key, unpack(ARGV, 4))
redis.call('HDEL', key, 'begunAt')
redis.call('PEXPIRE', key, ARGV[3])
return 1
