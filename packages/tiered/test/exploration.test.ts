import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheWorld, calmBounds, logoutBounds, savingBounds, wideBounds } from './explore/bounds.ts';
import { naiveCaches } from './explore/caches.ts';
import { explore, printed, replay } from './explore/explore.ts';

const most = 5_000_000;

describe('in every interleaving no acknowledged save or logout is undone, lost or hidden', () => {
  it.each(Object.entries(calmBounds))('%s', async (name, bounds) => {
    const { trace, ...figures } = await explore(await cacheWorld(bounds), 'depth', most);
    expect(trace && printed(trace)).toBeUndefined();
    expect(figures.isComplete).toBe(true);
    console.log(`${name}: ${figures.states} states, ${figures.steps} steps, ${figures.ends} ends, 0 violations`);
  });

  it('random schedules of eight processes and four faults', async () => {
    const world = await cacheWorld(wideBounds);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(10_000), { minLength: 60, maxLength: 120 }), async (schedule) => {
        const end = await replay(world, schedule);
        if ('violation' in end) throw new Error(printed(end));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('what others do is caught', () => {
  it.each(Object.entries(naiveCaches))('%s undoes a logout', async (name, protocol) => {
    const { trace, states } = await explore(await cacheWorld(logoutBounds, { protocol }), 'breadth', most);
    if (!trace) return expect.fail('no violation was found');
    console.log(`${name}, the shortest of ${states} states:\n${printed(trace)}`);
    expect(trace.violation).toContain('deleted');
    // It is no accident: the schedule leads there again.
    expect(await replay(await cacheWorld(logoutBounds, { protocol }), trace.schedule)).toEqual(trace);
  });

  it.each(Object.entries(naiveCaches).filter(([name]) => name !== 'put-if-newer'))(
    '%s hides a save',
    async (name, protocol) => {
      const { trace, states } = await explore(await cacheWorld(savingBounds, { protocol }), 'breadth', most);
      if (!trace) return expect.fail('no violation was found');
      console.log(`${name}, the shortest of ${states} states:\n${printed(trace)}`);
      expect(trace.violation).toContain('revision 1001 where 1002 was acknowledged');
    },
  );
});
