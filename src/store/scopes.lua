-- Stands after state-lists.lua, before turns.lua and limits.lua: what a delivery counts against.
-- A scope: {key, windows, who, late, turn}; a window: {count, ms, burst}. With `who`, different ones are counted (people,
-- or articles), not messages. With `late` (ms) it holds for what is so late. With `turn` it is the channel's own rhythm:
-- what is too much has to 'wait', goes into a 'digest', or is to 'drop'.

-- A slot so near is given away at once: whoever has it waits for it.
local early = 200
local function limitKey(key) return prefix .. ':limit:' .. key end
local function logKey(key) return prefix .. ':limit:' .. key .. ':log' end

local scopesByText = {}
local function scopesIn(text)
  if text == '' then return {} end
  scopesByText[text] = scopesByText[text] or cjson.decode(text)
  return scopesByText[text]
end

-- When one more person may be written to; one who has been already costs nothing.
local function freeForPerson(scope, window)
  local key, since = logKey(scope[1]), now - window[2]
  local before = redis.call('ZSCORE', key, scope[3])
  if before and tonumber(before) > since then return now end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(since))
  local first = redis.call('ZREVRANGE', key, window[1] - 1, window[1] - 1, 'WITHSCORES')
  return first[2] and tonumber(first[2]) + window[2] or now
end

