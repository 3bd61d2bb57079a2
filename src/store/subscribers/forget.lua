-- Forgets a person under all names. ARGV: prefix, account, who. Returns how many records and names are gone.
local account = ARGV[2]
local gone = 0
local function forgetName(who)
  local p = readPerson(account, who)
  if p then
    removePerson(account, who, p)
    gone = gone + 1
  end
  gone = gone + redis.call('HDEL', aliasKey(account, who), who)
end
local other = redis.call('HGET', aliasKey(account, ARGV[3]), ARGV[3])
forgetName(ARGV[3])
if other then forgetName(other) end
return gone
