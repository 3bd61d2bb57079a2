-- Cuts a fan-out into batches, a stretch of people at a time: from where it stands, so that whoever comes after a crash
-- goes on. Each batch that is full (and the last one) gets its outbox entry in the same step.
-- ARGV: prefix, id, people a batch, most people a call. Where the people come from stands in `source` as JSON: {of =
--       'fixed', people = a line each}, {of = 'people', account, topics = bits of the article's topics in hex (or absent
--       where there are no topics), breaking}, or {of = 'follow', follows = ids, held = whether those count who may have
--       got it}; and in `job` the outbox entry of a batch without its number.
-- Returns {'more' or 'done', how many people there are}; {'gone'}; or {'wait', id} of what it follows and is under way.
local id, size, most = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local key = fanoutKey(id)
local at = redis.call('HMGET', key, 'cut', 'batches', 'filled', 'total', 'source', 'job')
if at[1] == 'done' then return { 'done', at[4] or '0' } end
if not at[5] then return { 'gone' } end
local cursor, batches, filled = at[1] or '', tonumber(at[2]) or 0, tonumber(at[3]) or 0
local source, job = cjson.decode(at[5]), at[6]
local f = fanoutOf(id)
local lines, added = {}, 0

local function release(b)
  local entry = string.sub(job, 1, -2) .. ',"batch":' .. b .. ',"due":' .. whole(now) .. '}'
  redis.call('ZADD', prefix .. ':outbox', whole(now), entry)
  redis.call('ZADD', prefix .. ':fanouts:open', whole(now), id .. '.' .. b)
  redis.call('HINCRBY', key, 'left', 1)
  redis.call('ZADD', ranksKey(f.account), cjson.decode(job).priority, id)
end

-- Writes what is gathered into the batch that is not full yet.
local function write()
  if #lines == 0 then return end
  local b = filled == 0 and batches or batches - 1
  if filled == 0 then batches = batches + 1 end
  local to = batchKey(id, b)
  local before = filled > 0 and redis.call('HGET', to, 'to') .. '\n' or ''
  redis.call('HSET', to, 'to', before .. table.concat(lines, '\n'))
  redis.call('HINCRBY', to, 'open', #lines)
  redis.call('SETRANGE', to .. ':s', filled * recordSize, string.rep('\0', #lines * recordSize))
  filled = filled + #lines
  if filled >= size then
    release(b)
    filled = 0
  end
  lines = {}
end
local function add(line)
  lines[#lines + 1] = line
  added = added + 1
  if filled + #lines >= size then write() end
end

local isDone = false
if source.of == 'fixed' then
  for who in string.gmatch(source.people, '[^\n]+') do add(who) end
  isDone = true
elseif source.of == 'people' then
  local wanted = source.topics and tonumber(source.topics, 16)
  local function isMeant(p)
    local topics = p.topics ~= '' and tonumber(p.topics, 16) or 0
    local isWanted = topics == 0 or not wanted or bit.band(topics, wanted) ~= 0
    return p.state == 's' and isWanted and (source.breaking or not string.find(p.flags, 'b', 1, true))
  end
  local bucket, last = tonumber(cursor) or 0, 16384
  local looked = 0
  while bucket < last and looked < most do
    local all = redis.call('HGETALL', prefix .. ':people:' .. source.account .. ':' .. bucket)
    for i = 1, #all, 2 do
      if isMeant(toPerson(all[i + 1])) then add(all[i]) end
    end
    bucket = bucket + 1
    looked = looked + math.max(4, #all / 2)
  end
  cursor = tostring(bucket)
  isDone = bucket >= last
  if isDone then
    -- Whose record was moved meanwhile (subscribers/write-person.lua).
    for _, who in ipairs(redis.call('SMEMBERS', key .. ':late')) do
      local p = readPerson(source.account, who)
      if p and isMeant(p) then add(who) end
    end
    redis.call('DEL', key .. ':late')
  end
else
  -- Whoever got the first message, and whoever was to get it when the article changed.
  local b, from = tonumber(string.match(cursor, '^(%d+)')) or 0, tonumber(string.match(cursor, ' (%d+)$')) or 1
  -- Who was left out when the article changed was handed on from one to the next.
  local last = 0
  for n, before in ipairs(source.follows) do
    local about = redis.call('HMGET', fanoutKey(before), 'base', 'left', 'cut')
    if about[1] then last = n end
    -- Before anything is written: what is written here and not counted would be written again.
    if about[1] and n >= from and (about[3] ~= 'done' or tonumber(about[2]) > 0) then return { 'wait', before } end
  end
  redis.call('HSET', key, 'follows', '1')
  local looked = 0
  while source.follows[from] and looked < most do
    local before = source.follows[from]
    local batchesOf = tonumber(redis.call('HGET', fanoutKey(before), 'batches') or '') or 0
    local got = redis.call('HMGET', fanoutKey(before), 'n:published', 'n:held')
    -- As of a post: what was refused as it was goes out as it is now. Where some got it, it was not the message.
    local isRefused = (tonumber(got[1] or '') or 0) + (tonumber(got[2] or '') or 0) == 0
    local bytes = redis.call('GET', batchKey(before, b) .. ':s') or ''
    local people, count = peopleOf(before, b)
    for i = 0, count - 1 do
      local r = toRecord(bytes, i * recordSize + 1)
      local who = whoIn(people[i])
      local hasIt = r.state == 'published' and r.status ~= statusCodes.failed or source.held and r.state == 'held'
      -- A correction goes to those who have the message already.
      if who ~= '' and hasIt and not string.find(people[i], '\t', 1, true) then
        add(who .. '\t' .. before .. '.' .. b .. '.' .. i)
      elseif who ~= '' and from == last and not source.held and not string.find(people[i], '\t', 1, true)
        and (r.state == 'rejected' and isRefused or r.state == 'cancelled'
          and redis.call('HGET', fanoutKey(before), 'word:' .. whole(r.code)) == 'superseded') then
        add(who)
      end
    end
    looked = looked + math.max(4, count)
    b = b + 1
    if b >= batchesOf then b, from = 0, from + 1 end
  end
  cursor = b .. ' ' .. from
  isDone = source.follows[from] == nil
end

write()
if isDone then
  if filled > 0 then release(batches - 1) end
  filled, cursor = 0, 'done'
  -- It may hold names of people, who can be erased from the batches alone.
  redis.call('HDEL', key, 'source')
end
redis.call('HSET', key, 'cut', cursor, 'batches', batches, 'filled', filled)
redis.call('HINCRBY', key, 'n:scheduled', added)
redis.call('HINCRBY', prefix .. ':fanouts:counts', 'n:scheduled', added)
local total = redis.call('HINCRBY', key, 'total', added)
if isDone then
  redis.call('ZREM', prefix .. ':fanouts:cutting', id)
  endIfDone(id)
  flush()
end
redis.call('PUBLISH', prefix .. ':wake', id)
return { isDone and 'done' or 'more', whole(total) }
