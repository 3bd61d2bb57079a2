-- The platform lets nothing through to a person.
-- ARGV: prefix, account, who, code, for so many ms ('': for good), when it was refused (epoch ms; '': now). Whoever has
-- written since then can be reached.
local account = ARGV[2]
local who = nameOf(account, ARGV[3], '')
local p = readPerson(account, who)
local before = p and p.state
p = p or newPerson()
local told = tonumber(ARGV[6])
local at = math.min(now, told or now)
if told and (secondsOf(p.inbound) or 0) * 1000 > at then return '' end
local over = ARGV[5] ~= '' and math.ceil((at + tonumber(ARGV[5])) / 1000) or nil
if over and over * 1000 <= now then return '' end
local known = p.blocked ~= '' and (secondsOf(p['until']) or math.huge) or 0
if (over or math.huge) >= known then p.blocked, p['until'] = ARGV[4], over and hexOf(over) or '' end
return writePerson(account, who, p, before)
