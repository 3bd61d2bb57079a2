-- Where a person stands in a fan-out of the account; or erases the person there: the name, and what the platform called the
-- message. How the delivery stands stays in the numbers.
-- ARGV: prefix, id, 'find' or 'erase', account, first batch, how many batches, then names of the person. Returns how many
-- batches there are, and the places, `batch.place` each.
local id = ARGV[2]
local about = redis.call('HMGET', fanoutKey(id), 'account', 'batches', 'source', 'cut')
if about[1] ~= ARGV[4] then return { 0 } end
if ARGV[3] == 'erase' then
  redis.call('HDEL', fanoutKey(id) .. ':twins', unpack(ARGV, 7))
  redis.call('SREM', fanoutKey(id) .. ':late', unpack(ARGV, 7))
end
local batches, from = tonumber(about[2]) or 0, tonumber(ARGV[5])
local places = { batches }
local names = {}
for n = 7, #ARGV do names[ARGV[n]] = true end
if ARGV[3] == 'erase' and about[4] ~= 'done' and about[3] then
  local source, lines = cjson.decode(about[3]), {}
  if source.of == 'fixed' then
    for who in string.gmatch(source.people, '[^\n]+') do lines[#lines + 1] = names[who] and erased or who end
    source.people = table.concat(lines, '\n')
    redis.call('HSET', fanoutKey(id), 'source', cjson.encode(source))
  end
end
for b = from, math.min(batches, from + tonumber(ARGV[6])) - 1 do
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
