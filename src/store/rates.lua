-- Writes what a platform said of a limit. ARGV: prefix, then
-- 'refused', scope key, windows as JSON [[count, ms], ...], wait ms, why; or
-- 'observed', scope key, how many are left, of how many, ms until they are renewed.
local key = limitKey(ARGV[3])
local function keepFor(ms) redis.call('PEXPIRE', key, whole(ms + 86400000)) end

if ARGV[2] == 'observed' then
  local resets = now + tonumber(ARGV[6])
  local before = redis.call('HMGET', key, 'left', 'resets')
  local left = tonumber(ARGV[4])
  -- Our own that are still under way are not in the answer yet; more than some of them there are not.
  local same = before[2] and math.abs(tonumber(before[2]) - resets) < 2000
  if same and left - tonumber(before[1]) <= math.max(2, tonumber(ARGV[5]) / 5) then
    left = math.min(left, tonumber(before[1]))
  end
  redis.call('HSET', key, 'left', left, 'of', ARGV[5], 'resets', whole(resets))
  keepFor(tonumber(ARGV[6]))
  return 1
end

local wait = tonumber(ARGV[5])
local state = redis.call('HMGET', key, 'until', 'slow', 'good', 'hold')
local resting = (tonumber(state[1]) or 0) > now
redis.call('HSET', key, 'until', whole(math.max(tonumber(state[1]) or 0, now + wait)), 'why', ARGV[6])
keepFor(wait)
-- One "too fast" for all that were under way together.
if resting then return 0 end
local windows = cjson.decode(ARGV[4])
if #windows == 0 then return 0 end
local longest, pace = 0, 0
for _, window in ipairs(windows) do
  longest, pace = math.max(longest, window[2]), math.max(pace, window[2] / window[1])
end
-- Somebody else posts with this account, or its limit is another one: what held before the last try, else two thirds.
local slow = tonumber(state[3]) or math.max(0.05, (tonumber(state[2]) or 1) * 0.67)
local hold = math.min(21600000, math.max(longest, 100 * pace / slow, state[3] and tonumber(state[4]) * 2 or 0))
redis.call('HSET', key, 'slow', tostring(slow), 'held', whole(now + wait + hold), 'hold', whole(hold))
redis.call('HDEL', key, 'good')
keepFor(wait + hold)
return 1
