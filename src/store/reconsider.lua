-- After a change of the configuration: deliveries that wait because of it are due now, and judged anew by their next
-- claim, which lets none go before its embargo or its wish. What is being sent, or may be live, is left alone.
-- ARGV: prefix, then ids. Returns how many there were.
local ofConfig = { timetable = true, gap = true, ['cap-hour'] = true, ['cap-day'] = true, budget = true, digest = true,
  approval = true }

local function reconsider(id)
  local key = prefix .. ':delivery:' .. id
  local r = waitingRecord(key)
  if not r or not r.waits or r.digest or isNewer(r.schema) then return 0 end
  local kind = string.match(r.waits, '^[%a-]+')
  local times = redis.call('HMGET', key, 'due', 'planned')
  if not ofConfig[kind] or tonumber(times[1]) <= now then return 0 end
  -- It was put off to when its channel would have opened.
  if kind == 'timetable' and tonumber(times[2]) > now then redis.call('HSET', key, 'planned', whole(now)) end
  comeAt(id, key, r, whole(now), r.waits)
  return 1
end

local found = 0
for i = 2, #ARGV do found = found + (try(reconsider, ARGV[i]) or 0) end
flush()
if found > 0 then redis.call('PUBLISH', prefix .. ':wake', '') end
return found
