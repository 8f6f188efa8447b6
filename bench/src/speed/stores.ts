import { compare, type Pace } from './compare.ts';
import type { StoreGroup } from './store-groups.ts';
import { type StoreWork, storeWork } from './store-work.ts';

export const storesHead: readonly string[] = ['store', 'durable', 'load', 'save', 'touch'];

/** Compares the stores of a group: a row for each. */
export async function compareStores(pace: Pace, { contenders, close }: StoreGroup): Promise<string[][]> {
  try {
    const works: StoreWork[] = [];
    for (const { store } of contenders) works.push(await storeWork(store));
    const columns: string[][] = [];
    for (const thing of ['load', 'save', 'touch'] as const) {
      columns.push(
        await compare(
          pace,
          works.map((work) => work[thing]),
        ),
      );
    }
    for (const work of works) await work.check();
    return contenders.map(({ name, durable }, row) => [name, durable, ...columns.map((cells) => cells[row] ?? '')]);
  } finally {
    await close();
  }
}
