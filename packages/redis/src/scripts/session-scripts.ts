import { type Script, script } from './script.ts';

/**
 * What all scripts for sessions begin with. A session's key holds a session (`s1`), a lease (`l1`) or the mark of what
 * has ended (`d1`), all with one header: see `entry.ts`. Each call bears a nonce, and a script that meets its own nonce
 * says what it said the first time and writes nothing: it may be run any number of times, at any time. So that a
 * creation is known again after a logout, and a deletion after a creation, the header goes on telling who made the
 * session (`birth`) and who ended the one before it under this id (`death`); marks and leases hand that on.
 *
 * KEYS: the session. ARGV: the nonce of the call, the present time, how long the mark of what has ended is kept, the
 * nonce that the call was sent with before, if it was and nobody knows what became of that.
 */
const prelude = `
local key, nonce, now, lingerMs, former = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local value = redis.pcall('GET', key)
local kind = type(value) == 'string' and string.sub(value, 1, 2)
local function field(n) return string.sub(value, 16 * n - 13, 16 * n + 2) end
local function later(one, other) return tonumber(one) > tonumber(other) end
local token, nonceOf, birth, death, revision, createdAt, expiresAt, storedAt, listing, length = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local nobody, zero = '----------------', '0000000000000000'

local known = (kind == 's1' or kind == 'd1' or kind == 'l1')
  and #value >= 162
  and (string.find(value, '%D', 67) or 163) > 162
  and #value == 162 + field(length)
local live = known and kind == 's1' and later(field(expiresAt), now)

-- A client that was cut off may be connected to a replica by now, which lags behind. A replica refuses this; a master changes nothing.
if former ~= '' then
  local probe = redis.pcall('RENAMENX', key, key)
  if type(probe) == 'table' and string.find(probe.err, 'READONLY') then return probe end
end

local function subjectIn(text, start) return string.match(text, '^%Z*', start) end

-- Deleting comes first: it is allowed when memory is full, and whatever a script does after its first change is allowed, too.
local function mark(fields)
  redis.call('DEL', key)
  redis.pcall('SET', key, 'd1' .. fields .. zero, 'PX', lingerMs)
end

-- The fields from the token to the listing. A session that has ended leaves a mark.
local function put(fields, expiresAt, body)
  if not later(expiresAt, now) then return mark(fields) end
  redis.call('SET', key, 's1' .. fields .. body, 'PX', string.format('%.0f', math.max(expiresAt - now, lingerMs)))
end
`;

/** What is no session of ours is left as it is. */
const refuseForeign = `
if type(value) == 'table' then return value end
if value and not known then return {'corrupt'} end
`;

/** expiresAt, the fields from the revision to the listing, body */
export const create: Script = script(`${prelude}${refuseForeign}
if known and field(birth) == nonce then return {'created'} end
-- Whether a session of this call came before that of somebody else, nobody knows any more.
if former ~= '' and known and field(birth) ~= nobody then return {'unknown'} end
if live then return {'taken'} end
put(nonce .. nonce .. nonce .. (known and field(death) or nobody) .. ARGV[6], ARGV[5], ARGV[7])
return {'created'}
`);

/** revision of the base, next revision, expiresAt or '' to keep it, listing or '' to keep it, body */
export const update: Script = script(`${prelude}${refuseForeign}
local ends, listed, body = ARGV[7], ARGV[8], ARGV[9]
if known and field(nonceOf) == nonce then return {'updated', field(createdAt), field(expiresAt)} end
if not live then return {'gone', known and field(revision) or ''} end
if field(revision) ~= ARGV[5] then return {'conflict', value} end
if ends == '' then ends = field(expiresAt) end
local before, after = subjectIn(value, 163), subjectIn(body, 17)
if before == after and (listed == '' or later(field(listing), listed)) then listed = field(listing) end
if listed == '' then listed = zero end
if after ~= '' and later(ends, now) and later(ends, listed) then return {'unlisted', ends} end
put(nonce .. nonce .. string.sub(value, 35, 66) .. ARGV[6] .. field(createdAt) .. ends .. now .. listed, ends, body)
if before ~= '' and (before ~= after or not later(ends, now)) then
  return {'updated', field(createdAt), ends, before, field(listing)}
end
return {'updated', field(createdAt), ends}
`);

/** expiresAt, the subject that the session was listed under for this, and that listing; or '' */
export const touch: Script = script(`${prelude}${refuseForeign}
if not live then return {'gone'} end
if not later(ARGV[5], field(expiresAt)) then return {'touched'} end
local subject, listed = subjectIn(value, 163), field(listing)
if subject == ARGV[6] and subject ~= '' and later(ARGV[7], listed) then listed = ARGV[7] end
if subject ~= '' and later(ARGV[5], listed) then return {'unlisted', ARGV[5], subject} end
put(nonce .. string.sub(value, 19, 98) .. ARGV[5] .. now .. listed, ARGV[5], string.sub(value, 147))
return {'touched'}
`);

/** What cannot be read is removed as well. */
export const remove: Script = script(`${prelude}
if known and field(death) == nonce then return {'deleted'} end
if value and not known then
  mark(nonce .. nobody .. nobody .. nonce .. string.rep(zero, 5))
  return {'deleted'}
end
if live then
  local subject, listed = subjectIn(value, 163), field(listing)
  mark(nonce .. string.sub(value, 19, 50) .. nonce .. string.sub(value, 67, 146))
  return {'deleted', subject, listed}
end
-- Whether this call ended a session before somebody else did, nobody knows any more.
if former ~= '' and known and field(death) ~= nobody then return {'unknown'} end
if kind == 'l1' then mark(nonce .. string.sub(value, 19, 146)) end
return {'gone'}
`);

/** when the lease ends, leaseMs */
export const lease: Script = script(`${prelude}${refuseForeign}
if live then return {'hit', value} end
if kind == 'l1' and later(field(expiresAt), now) and field(token) ~= former then return {'busy'} end
local past = known and string.sub(value, 19, 98) or nobody .. nobody .. nobody .. zero .. zero
local lifeMs = known and math.max(ARGV[6], lingerMs) or ARGV[6]
redis.call('SET', key, 'l1' .. nonce .. past .. ARGV[5] .. now .. zero .. zero, 'PX', lifeMs)
return {'leased'}
`);

/** token, expiresAt, the fields from the revision to the time of the write, listing, body */
export const replace: Script = script(`${prelude}${refuseForeign}
if known and field(nonceOf) == nonce then return {'replaced'} end
local stands = live or kind == 'l1' and later(field(expiresAt), now)
if not stands or field(token) ~= ARGV[5] then return {'refused'} end
local before, after, listed = live and subjectIn(value, 163) or '', subjectIn(ARGV[9], 17), ARGV[8]
if before == after and later(field(listing), listed) then listed = field(listing) end
put(nonce .. nonce .. string.sub(value, 35, 66) .. ARGV[7] .. listed, ARGV[6], ARGV[9])
if before ~= '' and (before ~= after or not later(ARGV[6], now)) then return {'replaced', before, field(listing)} end
return {'replaced'}
`);
