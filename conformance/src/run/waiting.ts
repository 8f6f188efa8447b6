import { setTimeout as delay } from 'node:timers/promises';

/** The factor on every time of the kit, from `CONFORMANCE_TIME_SCALE`: above 1 for a slow machine. */
function timeScale(): number {
  const text = process.env.CONFORMANCE_TIME_SCALE ?? '1';
  const scale = Number(text);
  if (!(scale > 0 && scale <= 1000)) {
    throw new TypeError(`CONFORMANCE_TIME_SCALE is a factor above 0 and up to 1000, not "${text}".`);
  }
  return scale;
}

const turnMs = 20;

/** Milliseconds as they are on this machine. */
export function scaled(ms: number): number {
  return Math.ceil(ms * timeScale());
}

/** Resolves once the clock has reached the instant. A timer alone may ring a millisecond early. */
export async function reached(instant: number): Promise<void> {
  for (let leftMs = instant - Date.now(); leftMs > 0; leftMs = instant - Date.now()) await delay(leftMs);
}

/**
 * Whether a call settles within so many milliseconds by this process's own timers. While a busy machine gives the
 * process no turn no time passes, neither for the call nor here.
 */
export async function settlesWithin(timeoutMs: number, call: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settled = call.then(
    () => (isSettled = true),
    () => (isSettled = true),
  );
  for (let leftMs = timeoutMs; leftMs > 0 && !isSettled; leftMs -= turnMs) {
    await Promise.race([settled, delay(turnMs)]);
  }
  return isSettled;
}

/** Asks again every few milliseconds until the answer is yes, and tells whether it was within `timeoutMs`. */
export async function becomesTrue(ask: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    // Whoever gets no turn until the time is over still asks once after it.
    const isLast = Date.now() >= end;
    if (await ask()) return true;
    if (isLast) return false;
    await delay(5);
  }
}
