-- Records what a look at the platform has shown of one unconfirmed delivery; refused where anything happened since.
-- ARGV: prefix, id, fence of the asking, outcome, failure JSON (or ''), wait ms, account, then for 'found' each
--       candidate: remote id, receipt JSON.
-- Outcomes: 'found'; 'absent' and 'trouble': asked again after the wait (an absence counts, a trouble does not);
--           'retryable': it is not there, and is sent after the wait; 'rejected', 'discarded': the end; 'held'.
-- Returns the state it is in now; 'lost'; or 'taken' and the owner where every candidate is another delivery's.
local id, fence, outcome, failure, wait, account = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local key = prefix .. ':delivery:' .. id
local values = redis.call('HMGET', key, 'state', 'held', 'asking', 'looks', 'parts', 'attempts', 'n', 'total', 'schema',
  'doubted', 'since', 'cost')
local r = { state = values[1], parts = values[5] or nil, attempts = values[6], n = values[7] }
if r.state ~= 'unconfirmed' or values[2] == '1' or values[3] ~= fence or isNewer(values[9]) then return { 'lost' } end
local due = whole(now + (tonumber(wait) or 0))

if outcome == 'found' then
  local owner
  for i = 8, #ARGV, 2 do
    owner = ownerOf(account, ARGV[i])
    if not owner or owner == id then
      own(account, ARGV[i], id)
      local to = live(id, key, r, ARGV[i + 1], values[8], nil, cjson.encode({ remoteId = ARGV[i], reason = 'found' }))
      -- Its next part, too, may have been sent before Redis forgot it.
      if to == 'retryable' and values[10] then
        redis.call('HSET', key, 'due', tonumber(values[10]) - 1, 'since', values[11] or '')
      end
      flush()
      return { to }
    end
  end
  return { 'taken', owner or '' }
end

local said = failure ~= '' and cjson.decode(failure) or {}
local function about() return said.reason and cjson.encode({ reason = said.reason }) or nil end
if outcome == 'absent' or outcome == 'trouble' then
  local fields = { 'due', due }
  redis.call('HDEL', key, 'asking')
  if outcome == 'absent' or said.reason then
    fields = fieldsWith(key, r.n, r.attempts, 'looked', about())
    put(fields, 'due', due)
  end
  if outcome == 'absent' then put(fields, 'looks', (tonumber(values[4]) or 0) + 1) end
  redis.call('HSET', key, unpack(fields))
  askAt(id, due)
  flush()
  return { 'unconfirmed' }
end

local to = outcome == 'held' and 'unconfirmed' or outcome
local fields = fieldsWith(key, r.n, r.attempts, to, about())
put(fields, 'state', to)
if failure ~= '' then put(fields, 'failure', failure) end
if outcome == 'held' then
  put(fields, 'held', '1')
else
  put(fields, 'inflight', '')
  put(fields, 'cleared', whole(now))
  giveBack(key, values[12])
end
if to == 'retryable' then put(fields, 'due', due) end
redis.call('HSET', key, unpack(fields))
if outcome ~= 'held' then redis.call('HDEL', key, 'asks', 'asking', 'looks', 'code', 'doubted') end
move(id, 'unconfirmed', to, to == 'retryable' and due or whole(now))
if outcome == 'held' then alarm(id) end
flush()
return { to }
