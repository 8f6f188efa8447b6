import { compare, type Pace } from './compare.ts';
import type { PageContenders } from './page-contenders.ts';
import { openPageSite, pages } from './page-site.ts';
import { startVisitors } from './visitors.ts';

export const pagesHead: readonly string[] = ['sessions of Express', 'a page that reads', 'a page that changes a key'];

/** Compares how many requests per second are served: a row for each contender. */
export async function comparePages(pace: Pace, { contenders, close }: PageContenders): Promise<string[][]> {
  const sites = await Promise.all(contenders.map(openPageSite));
  const visitors = startVisitors();
  try {
    const columns: string[][] = [];
    for (const page of pages) {
      const turns = sites.map(
        ({ origin }) =>
          (sliceMs: number) =>
            visitors.visit({ origin, page, sliceMs }),
      );
      columns.push(await compare(pace, turns));
    }
    return contenders.map(({ name }, row) => [name, ...columns.map((cells) => cells[row] ?? '')]);
  } finally {
    await visitors.leave();
    for (const site of sites) await site.close();
    await close();
  }
}
