-- Gives a lock back where it is still ours. ARGV: its key, its value.
if redis.call('GET', ARGV[1]) == ARGV[2] then return redis.call('DEL', ARGV[1]) end
return 0
