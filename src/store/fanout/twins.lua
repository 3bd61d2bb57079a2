-- Stands after fanout.lua, before the claim: two names on a list that turned out to be one person's (see
-- subscribers/write-person.lua, which notes both).
-- Whether a person has the message by the other name, or gets it so: the number is kept where both wait.
local function hasItByAnotherName(f, who)
  local id, twins = f.id, fanoutKey(f.id) .. ':twins'
  if f.hasTwins == nil then
    local later = redis.call('HMGET', fanoutKey(id), 'again', 'follows')
    f.hasTwins, f.isLater = redis.call('EXISTS', twins) == 1, later[1] or later[2]
  end
  local isId = string.find(who, '.', 1, true) ~= nil
  local other = f.hasTwins and redis.call('HGET', twins, who)
  -- Nobody notes what is found out after the list had ended, or before one that follows it began.
  if not other and isId and f.isLater then
    other = redis.call('HGET', prefix .. ':people:' .. f.account .. ':alias:' .. bucketOf(who), who)
  end
  if not other then return false end
  for b = 0, (tonumber(redis.call('HGET', fanoutKey(id), 'batches') or '') or 0) - 1 do
    if string.find(redis.call('HGET', batchKey(id, b), 'to') or '', other, 1, true) then
      local people, count = peopleOf(id, b)
      for i = 0, count - 1 do
        local state = whoIn(people[i]) == other and readRecord(id, b, i).state
        if state == 'scheduled' or state == 'retryable' then return isId end
        if state and not hasEnded[state] then return true end
      end
    end
  end
  return false
end
