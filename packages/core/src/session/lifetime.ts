import type { OwnLife } from './engine/record-data.ts';
import { assertKnownOptions } from './guards/known-options.ts';

/** How long a session lives, in milliseconds: both limits hold at once, and both survive a change of id. */
export interface Lifetime {
  /** The session ends this long after the visitor's last request (NIST SP 800-63B 2.2.3, OWASP ASVS 7.3.1). */
  readonly idleTimeoutMs: number;
  /** The session ends this long after it began, whatever the visitor does (OWASP ASVS 7.3.2). */
  readonly absoluteTimeoutMs: number;
  /** A request that changes nothing extends the session only where that gains at least this much. */
  readonly touchAfterMs: number;
}

/**
 * How long one session lives where that differs from the others: "remember me", or a short one for an administrator.
 */
export interface SessionLifetime {
  /** As {@link Lifetime.idleTimeoutMs}. Default: that of `Sessions`, or `absoluteTimeoutMs` where that is shorter. */
  readonly idleTimeoutMs?: number;
  /** As {@link Lifetime.absoluteTimeoutMs}. Default: that of `Sessions`, or `idleTimeoutMs` where that is longer. */
  readonly absoluteTimeoutMs?: number;
  /** Whether the cookie outlives the browser, until the session ends. Default: as the cookie's options have it. */
  readonly persistent?: boolean;
}

const minuteMs = 60_000;

/** Fills in the defaults (30 minutes idle, 12 hours in all, touched once a minute) and refuses what cannot work. */
export function lifetimeOf({
  absoluteTimeoutMs = 12 * 60 * minuteMs,
  idleTimeoutMs = Math.min(30 * minuteMs, absoluteTimeoutMs),
  touchAfterMs = Math.min(minuteMs, idleTimeoutMs / 2),
}: Partial<Lifetime>): Lifetime {
  assertLimits(idleTimeoutMs, absoluteTimeoutMs);
  if (!(touchAfterMs >= 0 && touchAfterMs < idleTimeoutMs)) {
    throw new TypeError('touchAfterMs is at least 0 and less than idleTimeoutMs: else active sessions would end.');
  }
  return { idleTimeoutMs, absoluteTimeoutMs, touchAfterMs };
}

/** The lifetime of one session, checked and filled in from that of all. */
export function ownLifeOf(own: SessionLifetime, all: Lifetime): OwnLife {
  assertKnownOptions(own, ['idleTimeoutMs', 'absoluteTimeoutMs', 'persistent'], 'session.lifetime');
  const { persistent } = own;
  const absoluteTimeoutMs = own.absoluteTimeoutMs ?? Math.max(all.absoluteTimeoutMs, own.idleTimeoutMs ?? 0);
  const idleTimeoutMs = own.idleTimeoutMs ?? Math.min(all.idleTimeoutMs, absoluteTimeoutMs);
  assertLimits(idleTimeoutMs, absoluteTimeoutMs);
  if (persistent !== undefined && typeof persistent !== 'boolean') throw new TypeError('persistent is true or false.');
  return { idleTimeoutMs, absoluteTimeoutMs, persistent };
}

/** The limits that hold for a session, its own or those of all. */
export function limitsOf(own: OwnLife | undefined, all: Lifetime): Lifetime {
  if (!own) return all;
  return { ...own, touchAfterMs: Math.min(all.touchAfterMs, own.idleTimeoutMs / 2) };
}

/** When a session that is used at `now` ends, unless it is used again. */
export function expiryOf({ idleTimeoutMs, absoluteTimeoutMs }: Lifetime, createdAt: number, now: number): number {
  return Math.min(now + idleTimeoutMs, createdAt + absoluteTimeoutMs);
}

/**
 * Whether the session is over. Asked besides the store, whose clock may be coarse and whose records may have been made
 * under a longer limit.
 */
export function isOver(
  { absoluteTimeoutMs }: Lifetime,
  record: { readonly createdAt: number; readonly expiresAt: number },
  now: number,
): boolean {
  return now >= record.expiresAt || now >= record.createdAt + absoluteTimeoutMs;
}

function assertLimits(idleTimeoutMs: number, absoluteTimeoutMs: number): void {
  for (const [name, value] of Object.entries({ idleTimeoutMs, absoluteTimeoutMs })) {
    if (!Number.isSafeInteger(value) || value <= 0)
      throw new TypeError(`${name} is a whole number of milliseconds above 0.`);
  }
  if (idleTimeoutMs > absoluteTimeoutMs) {
    throw new TypeError(
      `idleTimeoutMs (${idleTimeoutMs}) is above absoluteTimeoutMs (${absoluteTimeoutMs}), which would end every session first: raise that, too.`,
    );
  }
}
