import { setTimeout as sleep } from 'node:timers/promises';

const most = 20;
const capMs = 500;

/**
 * The attempts at a compare-and-set that others may win: the first at once, each later one after a random pause below a
 * growing bound ("full jitter"), so that contenders drift apart. Ends when it is time to give up.
 */
export async function* attempts(): AsyncGenerator<number> {
  for (let attempt = 1; attempt <= most; attempt += 1) {
    yield attempt;
    if (attempt < most) await sleep(Math.random() * Math.min(capMs, 2 ** attempt));
  }
}
