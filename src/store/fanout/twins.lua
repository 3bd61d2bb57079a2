-- Stands after fanout.lua, before the claim: two names on a list that turned out to be one person's (see
-- subscribers/write-person.lua, which notes both).
-- Whether a person has the message by the other name, or gets it so: the number is kept where both wait.
local function hasItByAnotherName(f, who)
  local id, twins = f.id, fanoutKey(f.id) .. ':twins'
  if f.hasTwins == nil then f.hasTwins = redis.call('EXISTS', twins) == 1 end
  local other = f.hasTwins and redis.call('HGET', twins, who)
  if not other then return false end
  for b = 0, (tonumber(redis.call('HGET', fanoutKey(id), 'batches') or '') or 0) - 1 do
    if string.find(redis.call('HGET', batchKey(id, b), 'to') or '', other, 1, true) then
      local people, count = peopleOf(id, b)
      for i = 0, count - 1 do
        local state = whoIn(people[i]) == other and readRecord(id, b, i).state
        if state == 'scheduled' or state == 'retryable' then return string.find(who, '.', 1, true) ~= nil end
        if state and not hasEnded[state] then return true end
      end
    end
  end
  return false
end
