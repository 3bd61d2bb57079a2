-- Stands before claim.lua and settle.lua: a sorted set of delivery ids for each state. ARGV[1]: prefix.
local prefix = ARGV[1]
-- The state lists are written once for the whole batch: calls of their own would cost more than all else here.
local leaving, entering, events = {}, {}, {}
local function list(lists, state)
  lists[state] = lists[state] or {}
  return lists[state]
end
local function move(id, from, to, score)
  if from ~= to then table.insert(list(leaving, from), id) end
  local members = list(entering, to)
  table.insert(members, score)
  table.insert(members, id)
end
local function flush()
  for state, ids in pairs(leaving) do redis.call('ZREM', prefix .. ':state:' .. state, unpack(ids)) end
  for state, members in pairs(entering) do redis.call('ZADD', prefix .. ':state:' .. state, unpack(members)) end
  if #events > 0 then redis.call('PUBLISH', prefix .. ':events', table.concat(events, '\n')) end
  leaving, entering, events = {}, {}, {}
end
