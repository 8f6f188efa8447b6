import type { Ask } from './left-behind.ts';

/** How many ids are read at once. */
export const pageSize = 100;

/** The ids of a table, read in their order: each page goes on behind the last id of the one before. */
export async function* inPages(
  ask: Ask,
  pageAfter: (last: string) => PromiseLike<readonly string[]>,
): AsyncGenerator<readonly string[]> {
  for (let last: string | undefined = ''; last !== undefined; ) {
    const page: readonly string[] = await ask(() => pageAfter(last as string));
    yield page;
    last = page.at(-1);
  }
}
