-- Stands before every script about ticks. ARGV[1]: prefix.
local prefix = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function whole(number) return string.format('%.0f', number) end

local open = prefix .. ':tick-open'
local outbox = prefix .. ':tick-outbox'
local final = { done = true, failed = true, missed = true, skipped = true }

-- Instants come and go as text.
local function keyOf(schedule, at) return prefix .. ':tick:' .. schedule .. ':' .. at end
local function listOf(schedule) return prefix .. ':ticks:' .. schedule end
-- Whose run is under way, for schedules that let none overlap.
local function runOf(schedule) return prefix .. ':tick-run:' .. schedule end

local function finish(schedule, at, state, note, kept)
  local key = keyOf(schedule, at)
  redis.call('HSET', key, 'state', state, 'ended', whole(now), 'note', note)
  redis.call('HDEL', key, 'token', 'until')
  redis.call('PEXPIRE', key, kept)
  redis.call('ZREM', open, schedule .. ' ' .. at)
  if redis.call('GET', runOf(schedule)) == at then redis.call('DEL', runOf(schedule)) end
end
