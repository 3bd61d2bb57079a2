-- The platform lets nothing through to a person.
-- ARGV: prefix, account, who, code, for so many ms ('': for good).
local account = ARGV[2]
local who = nameOf(account, ARGV[3], '')
local p = readPerson(account, who)
local before = p and p.state
p = p or newPerson()
local over = ARGV[5] ~= '' and math.ceil((now + tonumber(ARGV[5])) / 1000) or nil
local known = p.blocked ~= '' and (secondsOf(p['until']) or math.huge) or 0
if (over or math.huge) >= known then p.blocked, p['until'] = ARGV[4], over and hexOf(over) or '' end
return writePerson(account, who, p, before)
