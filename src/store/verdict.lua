-- Takes up what a platform told of a template or an account of ours: by its own time, so that what comes late or twice
-- changes nothing. Whatever it stops rests, and goes on once nothing of what it needs is stopped any more; what rests for
-- another reason is left alone. Stands after state-lists.lua.
-- Of each thing, `PREFIX:verdicts:ACCOUNT` holds the newest that was told: field `KIND THING`, value the verdict and its time.
-- ARGV: prefix, account, thing, kind ('status', 'quality' or 'risk'), verdict ('stop', 'go' or 'note'), its time (epoch ms),
--       reason, alarm of a stop (or ''), alarm of a note (or ''), their subject, number of their details, names and values
--       of these, then for each that may rest: 'channel:ID' or 'account:ID', number of things it needs, the things.
-- Returns 1 where it was news, then how many rest because of it, these, and those that go on.
local account, thing, kind, verdict, at = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local reason, stopAlarm, noteAlarm, subject, details = ARGV[7], ARGV[8], ARGV[9], ARGV[10], tonumber(ARGV[11])
local key = prefix .. ':verdicts:' .. account
local paused, byPlatform = prefix .. ':paused', prefix .. ':paused-by-platform'

local function told(of, what)
  local value = redis.call('HGET', key, of .. ' ' .. what)
  if not value then return nil, 0 end
  local name, time = string.match(value, '^(%a+) (%d+)$')
  return name, tonumber(time)
end
local before, beforeAt = told(kind, thing)
if before and (at < beforeAt or (at == beforeAt and (before == verdict or before == 'stop'))) then return { 0, 0 } end
redis.call('HSET', key, kind .. ' ' .. thing, verdict .. ' ' .. whole(at))

-- Bad quality is over with a new approval.
local function isStopped(what)
  local status, statusAt = told('status', what)
  local quality, qualityAt = told('quality', what)
  return status == 'stop' or (quality == 'stop' and not (status == 'go' and statusAt > qualityAt))
end

local fields = {}
for i = 12, 11 + 2 * details do fields[#fields + 1] = ARGV[i] end
local rests, goes = {}, {}
local i = 12 + 2 * details
while i <= #ARGV do
  local id, count = ARGV[i], tonumber(ARGV[i + 1])
  local stopped = false
  for j = i + 2, i + 1 + count do stopped = stopped or isStopped(ARGV[j]) end
  i = i + 2 + count
  if stopped and verdict == 'stop' and redis.call('HSETNX', paused, id, reason) == 1 then
    redis.call('HSET', byPlatform, id, '1')
    rests[#rests + 1] = id
  elseif not stopped and redis.call('HDEL', byPlatform, id) == 1 then
    redis.call('HDEL', paused, id)
    goes[#goes + 1] = id
  end
end
local stopped = isStopped(thing)
local alarm = verdict == 'stop' and stopped and stopAlarm or verdict == 'note' and noteAlarm or ''
if alarm ~= '' then raise(alarm, subject, fields) end
if stopAlarm ~= '' and not stopped then isOver(stopAlarm, subject) end
local reply = { 1, #rests }
for _, id in ipairs(rests) do reply[#reply + 1] = id end
for _, id in ipairs(goes) do reply[#reply + 1] = id end
return reply
