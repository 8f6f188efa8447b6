import { hash } from 'node:crypto';

/** A program that the server runs in one step, on one key. */
export interface Script {
  readonly source: string;
  /** By which the server knows it once it has seen the source. */
  readonly sha: string;
}

/**
 * What all scripts for sessions begin with. Each write bears a nonce, and a script that meets its own nonce says what it said the
 * first time: a driver may send it any number of times. Whatever it says, it writes once at most, at its end.
 *
 * KEYS: the session. ARGV: the nonce of the call, the present time, how long what has ended is kept for repeated calls.
 */
const prelude = `
local key, nonce, now, lingerMs = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local value = redis.pcall('GET', key)
local kind = type(value) == 'string' and string.sub(value, 1, 2)
local function field(n) return string.sub(value, 16 * n - 13, 16 * n + 2) end
local function later(one, other) return tonumber(one) > tonumber(other) end

local sound = kind == 's1'
  and string.find(value, '^s1${'.'.repeat(32)}${'%d'.repeat(80)}')
  and #value == 114 + field(7)
local live = sound and later(field(5), now)
local mine = sound and field(2) == nonce

local function put(new, expiresAt)
  if later(expiresAt, now) then
    local lifeMs = math.max(expiresAt - now, lingerMs)
    return redis.call('SET', key, new, 'PX', string.format('%.0f', lifeMs))
  end
  -- A session can be ended when memory is full, too; a repeated call is then told that it is gone.
  if redis.pcall('SET', key, new, 'PX', lingerMs).err then redis.call('DEL', key) end
end
`;

/** What is no session of ours is left as it is. */
const refuseForeign = `
if type(value) == 'table' then return value end
if value and not sound and kind ~= 'l1' and kind ~= 'd1' then return {'corrupt'} end
`;

/** expiresAt, value */
export const create: Script = script(`${prelude}${refuseForeign}
if mine then return {'created'} end
if live then return {'taken'} end
put(ARGV[5], ARGV[4])
return {'created'}
`);

/** revision of the base, next revision, expiresAt or '' to keep it, body */
export const update: Script = script(`${prelude}${refuseForeign}
if mine then return {'updated', field(4), field(5)} end
if not live then return {'gone'} end
if field(3) ~= ARGV[4] then return {'conflict', value} end
local createdAt, expiresAt = field(4), field(5)
if ARGV[6] ~= '' then expiresAt = ARGV[6] end
put('s1' .. nonce .. nonce .. ARGV[5] .. createdAt .. expiresAt .. now .. ARGV[7], expiresAt)
return {'updated', createdAt, expiresAt}
`);

/** expiresAt, the subject that the session is listed under until then, or '' */
export const touch: Script = script(`${prelude}${refuseForeign}
if not live then return {'gone'} end
if not later(ARGV[4], field(5)) then return {'touched'} end
local subject = string.match(value, '^%Z*', 115)
if subject ~= ARGV[5] then return {'unlisted', subject} end
put('s1' .. nonce .. string.sub(value, 19, 66) .. ARGV[4] .. now .. string.sub(value, 99), ARGV[4])
return {'touched'}
`);

/** What cannot be read is removed as well. */
export const remove: Script = script(`${prelude}
if value == 'd1' .. nonce then return {'deleted'} end
local corrupt = value and not sound and kind ~= 'l1' and kind ~= 'd1'
if live or corrupt or kind == 'l1' then put('d1' .. nonce, now) end
return {(live or corrupt) and 'deleted' or 'gone'}
`);

/** leaseMs */
export const lease: Script = script(`${prelude}${refuseForeign}
if live then return {'hit', value} end
if kind == 'l1' and string.sub(value, 3) ~= nonce then return {'busy'} end
if kind ~= 'l1' then redis.call('SET', key, 'l1' .. nonce, 'PX', ARGV[4]) end
return {'leased'}
`);

/** expiresAt, value, token */
export const replace: Script = script(`${prelude}${refuseForeign}
if mine then return {'replaced'} end
if not (live or kind == 'l1') or string.sub(value, 3, 18) ~= ARGV[6] then return {'refused'} end
put(ARGV[5], ARGV[4])
return {'replaced'}
`);

/** KEYS: the index of a subject. ARGV: id, expiresAt, the present time. */
export const list: Script = script(`
local key, id, expiresAt, now = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
local known = redis.call('ZSCORE', key, id)
if not known or tonumber(known) < tonumber(expiresAt) then redis.call('ZADD', key, expiresAt, id) end
local lifeMs = expiresAt - now
if redis.call('PTTL', key) < lifeMs then redis.call('PEXPIRE', key, string.format('%.0f', lifeMs)) end
return {'listed'}
`);

function script(source: string): Script {
  return { source, sha: hash('sha1', source) };
}
