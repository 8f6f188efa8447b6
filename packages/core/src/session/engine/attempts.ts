import { setTimeout as sleep } from 'node:timers/promises';

/** How often a compare-and-set is tried that others may win, before it is time to give up. */
export const mostAttempts = 20;

const capMs = 500;

/** A random pause below a bound that grows with each attempt ("full jitter"), so that contenders drift apart. */
export function pauseAfter(attempt: number): Promise<void> {
  return sleep(Math.random() * Math.min(capMs, 2 ** attempt));
}
