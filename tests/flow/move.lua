-- One move, for the test that tries every pair of states. ARGV: prefix, id, from, to.
move(ARGV[2], ARGV[3], ARGV[4], 0)
return 1
