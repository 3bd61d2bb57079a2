-- Lists a stored article under the marks of its newest version too.
-- ARGV: prefix, article id, marks in hex, window of near-duplicates (ms).
if redis.call('EXISTS', prefix .. ':article:' .. ARGV[2]) == 1 then listNear(ARGV[2], ARGV[3], tonumber(ARGV[4])) end
