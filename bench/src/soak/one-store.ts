/** Soaks one store, in a process of its own, and prints by how much that has grown, as JSON. Needs `--expose-gc`. */
import { soaked } from './stores.ts';
import { work } from './workload.ts';

const [name = '', calls = ''] = process.argv.slice(2);
const open = soaked[name];
if (!open) throw new Error(`There is no store called ${name}: ${Object.keys(soaked).join(', ')}.`);

interface Memory {
  /** What JavaScript holds. */
  readonly heap: number;
  /** What the process has besides its heap: memory of drivers, which the garbage collector does not see. */
  readonly native: number;
}

function memory(): Memory {
  globalThis.gc?.();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return { heap: heapUsed, native: rss - heapTotal };
}

const { store, close } = await open();
// What a store and its driver keep once and for all is there by then.
await work(store, Math.ceil(Number(calls) / 4));
const before = memory();
await work(store, Number(calls));
const after = memory();
console.log(JSON.stringify({ heap: after.heap - before.heap, native: after.native - before.native }));
await close();
process.exit();
