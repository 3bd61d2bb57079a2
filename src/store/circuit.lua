-- Stands after state-lists.lua and scopes.lua: an account that fails several times in a row rests.
local longestRestMs = 900000
local function circuitKey(account) return prefix .. ':limit:circuit:' .. account end

local function works(account)
  if account == '' then return end
  -- Without a rest there is a count at most.
  local gone = redis.call('HDEL', circuitKey(account), 'fails', 'open', 'rest', 'probed', 'until')
  if gone > 2 then pcall(isOver, 'circuit', account) end
end

-- Failures in a row open the circuit: the account rests, then one goes to see whether it works again.
local function fails(account, failuresToRest, restMs)
  if account == '' or failuresToRest == 0 then return end
  local key = circuitKey(account)
  local count = redis.call('HINCRBY', key, 'fails', 1)
  redis.call('PEXPIRE', key, longestRestMs * 4)
  local state = redis.call('HMGET', key, 'open', 'until', 'rest')
  if count < failuresToRest or (tonumber(state[2]) or 0) > now then return end
  local rest = math.min(longestRestMs, state[3] and tonumber(state[3]) * 2 or restMs)
  redis.call('HSET', key, 'open', '1', 'until', whole(now + rest), 'rest', whole(rest), 'why', 'it failed ' .. count .. ' times in a row')
  pcall(raise, 'circuit', account, { 'account', account })
end
