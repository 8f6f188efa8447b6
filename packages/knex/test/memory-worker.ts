/**
 * Loads one session many times, and prints by how much the process has grown beside its heap, as JSON. Run with
 * `--expose-gc`.
 */
import { startAny } from '@stet/sql-doors';
import { door } from './door.ts';

const warmUp = 5_000;
const calls = 20_000;

const { url, stop } = await startAny.SQLite();
const opened = await door.open(url);
const store = opened.store();
await store.createTable();
const id = 'a'.repeat(64);
await store.create(id, { data: 'x'.repeat(1_000), expiresAt: Date.now() + 3_600_000 });

async function grownAfter(times: number): Promise<number> {
  for (let time = 0; time < times; time += 1) await store.load(id);
  globalThis.gc?.();
  const { rss, heapTotal } = process.memoryUsage();
  return rss - heapTotal;
}

const before = await grownAfter(warmUp);
console.log(JSON.stringify({ calls, bytes: (await grownAfter(calls)) - before }));
await opened.close();
await stop();
