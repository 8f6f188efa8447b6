const longestRelative = 30 * 24 * 60 * 60;
const lastInstant = 2 ** 31 - 1;

/** Of an item that is to be gone at once. */
const noTime = -1;

/** The server's clock moves once a second, on an edge of its own. */
const spareSeconds = 2;

/**
 * How long the server should keep an item, as its protocol wants it: seconds from now up to 30 days, a Unix time
 * beyond, 0 for longer than a Unix time of 32 bits, -1 for not at all (protocol.txt, "Expiration times"). Seconds from
 * now do not depend on the server's clock being right. Never early: to the millisecond it is the entry itself that says
 * when it ends.
 */
export function lifetimeUntil(endsAt: number, now: number): number {
  if (endsAt <= now) return noTime;
  const seconds = Math.ceil((endsAt - now) / 1_000) + spareSeconds;
  if (seconds <= longestRelative) return seconds;
  const instant = Math.ceil(endsAt / 1_000) + spareSeconds;
  return instant <= lastInstant ? instant : 0;
}
