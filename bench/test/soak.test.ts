import { expect, test } from 'vitest';
import { growthOf, mostGrowth } from '../src/soak/growth.ts';
import { soaked } from '../src/soak/stores.ts';

/** Enough to tell a statement that is prepared for each call, and little enough for each change. */
const calls = 12_000;

test.each(Object.keys(soaked))('the memory of a process stays where it is over many calls on %s', async (store) => {
  const { heap, native } = await growthOf(store, calls);
  expect(heap).toBeLessThan(mostGrowth.heap);
  expect(native).toBeLessThan(mostGrowth.native);
});
