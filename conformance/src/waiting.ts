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

/** Milliseconds as they are on this machine. */
export function scaled(ms: number): number {
  return Math.ceil(ms * timeScale());
}

/** Resolves once the clock has reached the instant. A timer alone may ring a millisecond early. */
export async function reached(instant: number): Promise<void> {
  for (let leftMs = instant - Date.now(); leftMs > 0; leftMs = instant - Date.now()) await delay(leftMs);
}

/** Asks again every few milliseconds until the answer is yes, and tells whether it was within `timeoutMs`. */
export async function becomesTrue(ask: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  do {
    if (await ask()) return true;
    await delay(5);
  } while (Date.now() < end);
  return false;
}
