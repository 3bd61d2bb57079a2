-- Where a person stands in a fan-out of the account; or erases the person there: the name, and what the platform called the
-- message. How the delivery stands stays in the numbers.
-- ARGV: prefix, id, 'find' or 'erase', account, then names of the person. Returns the places, `batch.place` each.
local id, places = ARGV[2], {}
local about = redis.call('HMGET', fanoutKey(id), 'account', 'batches')
if about[1] ~= ARGV[4] then return places end
local names = {}
for n = 5, #ARGV do names[ARGV[n]] = true end
for b = 0, (tonumber(about[2]) or 0) - 1 do
  local people, count = peopleOf(id, b)
  local lines, isHere = {}, false
  for i = 0, count - 1 do
    lines[#lines + 1] = people[i]
    if names[whoIn(people[i])] then
      isHere = true
      places[#places + 1] = b .. '.' .. i
      lines[#lines] = string.gsub(people[i], '^[^\t]*', erased)
      if ARGV[3] == 'erase' then redis.call('HDEL', batchKey(id, b) .. ':m', i, 'gone' .. i) end
    end
  end
  if isHere and ARGV[3] == 'erase' then redis.call('HSET', batchKey(id, b), 'to', table.concat(lines, '\n'), 'erased', '1') end
end
return places
