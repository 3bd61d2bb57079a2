-- Notes that a renewal of tokens is begun, where the lock is still ours, and keeps the lock for it.
-- ARGV: key, value of the lock, lock ms, now (epoch ms), ms that the tokens are kept.
-- Returns 1; 0 where the lock is another's.
local key, lock = ARGV[1], ARGV[1] .. ':lock'
if redis.call('GET', lock) ~= ARGV[2] then return 0 end
redis.call('PEXPIRE', lock, ARGV[3])
redis.call('HSETNX', key, 'begunAt', ARGV[4])
redis.call('PEXPIRE', key, ARGV[5])
return 1
