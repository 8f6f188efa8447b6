/** How long a session lives, in milliseconds: both limits hold at once, and both survive a change of id. */
export interface Lifetime {
  /** The session ends this long after the visitor's last request (NIST SP 800-63B 2.2.3, OWASP ASVS 7.3.1). */
  readonly idleTimeoutMs: number;
  /** The session ends this long after it began, whatever the visitor does (OWASP ASVS 7.3.2). */
  readonly absoluteTimeoutMs: number;
  /** A request that changes nothing extends the session only where that gains at least this much. */
  readonly touchAfterMs: number;
}

const minuteMs = 60_000;

/** Fills in the defaults (30 minutes idle, 12 hours in all, touched once a minute) and refuses what cannot work. */
export function lifetimeOf({
  idleTimeoutMs = 30 * minuteMs,
  absoluteTimeoutMs = 12 * 60 * minuteMs,
  touchAfterMs = Math.min(minuteMs, idleTimeoutMs / 2),
}: Partial<Lifetime>): Lifetime {
  for (const [name, value] of Object.entries({ idleTimeoutMs, absoluteTimeoutMs })) {
    if (!Number.isSafeInteger(value) || value <= 0)
      throw new TypeError(`${name} is a whole number of milliseconds above 0.`);
  }
  if (!(touchAfterMs >= 0 && touchAfterMs < idleTimeoutMs)) {
    throw new TypeError('touchAfterMs is at least 0 and less than idleTimeoutMs: else active sessions would end.');
  }
  return { idleTimeoutMs, absoluteTimeoutMs, touchAfterMs };
}

/** When a session that is used at `now` ends, unless it is used again. */
export function expiryOf({ idleTimeoutMs, absoluteTimeoutMs }: Lifetime, createdAt: number, now: number): number {
  return Math.min(now + idleTimeoutMs, createdAt + absoluteTimeoutMs);
}

/** Whether the session is over. Asked besides the store, whose clock may be coarse and whose records may have been made under a longer limit. */
export function isOver(
  { absoluteTimeoutMs }: Lifetime,
  record: { createdAt: number; expiresAt: number },
  now: number,
): boolean {
  return now >= record.expiresAt || now >= record.createdAt + absoluteTimeoutMs;
}
