-- Stands after fanout.lua, before the scripts that write what became of a message. A script has 200 local names at most.
local function isFreeText(f, r)
  local variants = cjson.decode(redis.call('HGET', fanoutKey(f.id), 'variants'))
  local place = r.variant % noFreeText
  return place == variants.plain.text or variants.live and place == variants.live.text
end

-- What the platform calls the message, which has the person's number in it: kept unless the person was erased.
local function keepRemoteId(id, b, i, remoteId)
  if redis.call('HEXISTS', batchKey(id, b), 'erased') == 1 and whoIn((peopleOf(id, b))[i]) == '' then return end
  redis.call('HSET', batchKey(id, b) .. ':m', i, remoteId)
end

-- In these states a message is paid for: what has failed, or is to be sent again, has given its money back.
local isPaidIn = { sending = true, published = true, unconfirmed = true, held = true }
-- It was sent after all.
local function payFor(f, who, isFree)
  if not f.bill then return end
  local bill = cjson.decode(f.bill)
  local amounts = { 1, 1, priceOf(bill, who, isFree) }
  addTo(bill.account, bill.day, amounts, 1, keptDayMs)
  addTo(bill.account, bill.month, amounts, 1, keptMonthMs)
  tally(f.id, 'money', amounts[3])
end
