-- Stands after state-lists.lua, before the scripts that spend or give back. A charge: {account, day, month, requests,
-- recipients, money (of each part), most = {day, month}, reserve, endsInMs = {day, month}}; what it took stands in the record as `cost` until it is certain.
local spentNames = { 'requests', 'recipients', 'money' }
local function spentKey(account, period) return prefix .. ':spent:' .. account .. ':' .. period end

local function amountsOf(charge, part)
  return { charge.requests, charge.recipients, charge.money[part + 1] or charge.money[#charge.money] or 0 }
end

-- Nil where the budget covers it; else what is spent, in which period, and how long that lasts.
local function uncovered(charge, amounts, urgent)
  for _, period in ipairs({ 'day', 'month' }) do
    local most = charge.most[period]
    if most[1] >= 0 or most[2] >= 0 or most[3] >= 0 then
      local key = spentKey(charge.account, charge[period])
      local spent = redis.call('HMGET', key, unpack(spentNames))
      for i, name in ipairs(spentNames) do
        local share = urgent and 1 or 1 - charge.reserve
        if most[i] >= 0 and amounts[i] > 0 and (tonumber(spent[i]) or 0) + amounts[i] > most[i] * share then
          -- One alarm in a period.
          if redis.call('HSETNX', key, 'told:' .. name, whole(now)) == 1 then
            pcall(raise, 'budget', charge.account .. ' ' .. name .. ' ' .. charge[period],
              { 'account', charge.account, 'of', name, 'period', charge[period] })
          end
          return name, period, charge.endsInMs[period]
        end
      end
    end
  end
  return nil
end

local function addTo(account, period, amounts, sign, keptMs)
  local key = spentKey(account, period)
  for i, name in ipairs(spentNames) do
    local amount = tonumber(amounts[i])
    if amount > 0 then redis.call('HINCRBY', key, name, whole(sign * amount)) end
  end
  redis.call('PEXPIRE', key, keptMs)
end
local keptDayMs, keptMonthMs = 40 * 86400000, 400 * 86400000

-- Returns what to write down as `cost`.
local function spend(charge, amounts)
  addTo(charge.account, charge.day, amounts, 1, keptDayMs)
  addTo(charge.account, charge.month, amounts, 1, keptMonthMs)
  return table.concat({ charge.account, charge.day, charge.month, whole(amounts[1]), whole(amounts[2]),
    whole(amounts[3]) }, ' ')
end

-- It was not sent after all: nothing is spent.
giveBack = function(key, cost)
  if not cost or cost == '' then return end
  local account, day, month, requests, recipients, money = string.match(cost, '^(%S+) (%S+) (%S+) (%d+) (%d+) (%d+)$')
  if not account then return end
  addTo(account, day, { requests, recipients, money }, -1, keptDayMs)
  addTo(account, month, { requests, recipients, money }, -1, keptMonthMs)
  redis.call('HDEL', key, 'cost')
end
