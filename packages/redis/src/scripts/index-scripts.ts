import { type Script, script } from './script.ts';

/**
 * Adding comes first: once a script has changed something, Redis lets it take memory that there is not.
 *
 * KEYS: the index of a subject. ARGV: id, listing, the present time.
 */
export const list: Script = script(`
local key, id, listing, now = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('ZSCORE', key, id)
if not known or tonumber(known) < tonumber(listing) then redis.call('ZADD', key, listing, id) end
redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
local lifeMs = listing - now
if redis.call('PTTL', key) < lifeMs then redis.call('PEXPIRE', key, string.format('%.0f', lifeMs)) end
return {'listed'}
`);

/**
 * An id that was listed anew meanwhile stays: its next session may be about to be written.
 *
 * KEYS: the index of a subject. ARGV: id, listing, id, listing, …
 */
export const unlist: Script = script(`
for at = 1, #ARGV, 2 do
  local known = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if known and tonumber(known) == tonumber(ARGV[at + 1]) then redis.call('ZREM', KEYS[1], ARGV[at]) end
end
return {'unlisted'}
`);
