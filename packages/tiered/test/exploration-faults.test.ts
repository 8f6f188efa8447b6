import { expect, it } from 'vitest';
import { cacheWorld, failoverBounds, faultyBounds, longFaultyBounds } from './explore/bounds.ts';
import { explore, printed } from './explore/explore.ts';

const timeout = 600_000;
const long = process.env.STET_LONG_TESTS ? longFaultyBounds : {};

it.each(Object.entries({ ...faultyBounds, ...long, ...failoverBounds }))('%s', { timeout }, async (name, bounds) => {
  const { trace, ...figures } = await explore(await cacheWorld(bounds), 'depth', 5_000_000);
  expect(trace && printed(trace)).toBeUndefined();
  expect(figures.isComplete).toBe(true);
  console.log(`${name}: ${figures.states} states, ${figures.steps} steps, ${figures.ends} ends, 0 violations`);
});
