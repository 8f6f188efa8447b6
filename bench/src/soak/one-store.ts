/** Soaks one store, in a process of its own, and prints by how much that has grown, as JSON. Needs `--expose-gc`. */
import { soaked } from './stores.ts';
import { work } from './workload.ts';

const [name = '', calls = ''] = process.argv.slice(2);
const open = soaked[name];
if (!open) throw new Error(`There is no store called ${name}: ${Object.keys(soaked).join(', ')}.`);

interface Memory {
  /** What JavaScript holds. */
  readonly heap: number;
  /** All that the process has. It stays when V8 gives up a part of its heap. */
  readonly whole: number;
  /** What it has besides its heap. It rises when V8 gives up a part of that. */
  readonly beside: number;
}

function memory(): Memory {
  globalThis.gc?.();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return { heap: heapUsed, whole: rss, beside: rss - heapTotal };
}

const { store, close } = await open();
/**
 * Makes a quarter of the calls, so many times, and measures after each: V8 sizes its heap by the collections before.
 */
async function quarters(count: number): Promise<Memory> {
  for (let done = 1; done < count; done += 1) {
    await work(store, Math.ceil(Number(calls) / 4));
    memory();
  }
  await work(store, Math.ceil(Number(calls) / 4));
  return memory();
}

// What a store and its driver keep once and for all is there after two.
const before = await quarters(2);
const after = await quarters(4);
// Memory of a driver that is never given back is in both.
const native = Math.min(after.whole - before.whole, after.beside - before.beside);
console.log(JSON.stringify({ heap: after.heap - before.heap, native }));
await close();
process.exit();
