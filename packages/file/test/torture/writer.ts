import { writeSync } from 'node:fs';
import { counterId, countOf, countText, type Kind, never, openCounterStore } from './counter-store.ts';

/**
 * Adds one to a random counter again and again, until it is killed. A line goes to the parent for each acknowledged
 * write: it is in the pipe, out of the reach of the kill, before the next write begins.
 */
const [kind, directory = '', counters] = process.argv.slice(2);
const store = openCounterStore(kind as Kind, directory);

for (;;) {
  const index = Math.floor(Math.random() * Number(counters));
  try {
    const count = await increment(counterId(index));
    writeSync(1, `ack ${index} ${count}\n`);
  } catch (error) {
    writeSync(1, `error ${index} ${JSON.stringify(String(error))}\n`);
  }
}

async function increment(id: string): Promise<number> {
  for (let base = await store.load(id); base; ) {
    const count = countOf(base.data) + 1;
    const result = await store.update(id, base, { data: countText(count), expiresAt: never });
    if (result.status === 'updated') return count;
    if (result.status === 'gone') break;
    base = result.current;
  }
  throw new Error('The session is gone.');
}
