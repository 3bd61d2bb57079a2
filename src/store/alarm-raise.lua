-- Raises an alarm, or says that it is over. Stands after state-lists.lua.
-- ARGV: prefix, 'raise' or 'over', kind, subject, for how long it is raised once at most in ms (or ''), then names and
--       values of what is known of it.
local kind, subject = ARGV[3], ARGV[4]
if ARGV[2] == 'over' then
  isOver(kind, subject)
elseif ARGV[5] == '' or redis.call('SET', prefix .. ':alarms:once:' .. kind .. ' ' .. subject, '1', 'NX', 'PX', ARGV[5]) then
  raise(kind, subject, { unpack(ARGV, 6) })
end
return redis.status_reply('OK')
