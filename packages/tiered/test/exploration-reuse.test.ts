import { describe, expect, it } from 'vitest';
import {
  beginningAtOne,
  cacheWorld,
  migrationReuseBounds,
  migrationWorld,
  returnBounds,
  reuseBounds,
  type StartOfWorld,
} from './explore/bounds.ts';
import { explore, printed, replay } from './explore/explore.ts';

const most = 5_000_000;

describe.each<[string, StartOfWorld, typeof reuseBounds]>([
  ['a cache', cacheWorld, reuseBounds],
  ['a move', migrationWorld, migrationReuseBounds],
])('%s, where a session begins under an id as soon as the one before has ended', (_, worldOf, allBounds) => {
  it.each(Object.entries(allBounds))('%s', async (name, bounds) => {
    const { trace, ...figures } = await explore(await worldOf(bounds), 'depth', most);
    expect(trace && printed(trace)).toBeUndefined();
    expect(figures.isComplete).toBe(true);
    console.log(`${name}: ${figures.states} states, ${figures.steps} steps, ${figures.ends} ends, 0 violations`);
  });

  it('what was loaded before wins over what began after it, if every session begins at revision 1', async () => {
    const start = () => worldOf(returnBounds, { change: beginningAtOne });
    const { trace, states } = await explore(await start(), 'breadth', most);
    if (!trace) return expect.fail('no violation was found');
    console.log(`revisions that begin at 1, the shortest of ${states} states:\n${printed(trace)}`);
    expect(trace.violation).toMatch(/the key n is lost|changed the one after it/);
    // It is no accident: the schedule leads there again.
    expect(await replay(await start(), trace.schedule)).toEqual(trace);
  });
});
