import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calmBounds, logoutBounds, savingBounds, wideBounds, worldOf } from './explore/bounds.ts';
import { explore, printed, replay } from './explore/explore.ts';
import { naiveProtocols, tiered } from './explore/protocols.ts';

const most = 5_000_000;

describe('in every interleaving no acknowledged save or logout is undone, lost or hidden', () => {
  it.each(Object.entries(calmBounds))('%s', async (name, bounds) => {
    const { trace, ...figures } = await explore(await worldOf(tiered, bounds), 'depth', most);
    expect(trace && printed(trace)).toBeUndefined();
    expect(figures.isComplete).toBe(true);
    console.log(`${name}: ${figures.states} states, ${figures.steps} steps, ${figures.ends} ends, 0 violations`);
  });

  it('random schedules of seven processes and four faults', async () => {
    const world = await worldOf(tiered, wideBounds);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(10_000), { minLength: 60, maxLength: 120 }), async (schedule) => {
        const end = await replay(world, schedule);
        if ('violation' in end) throw new Error(printed(end));
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('what others do is caught', () => {
  it.each(Object.entries(naiveProtocols))('%s undoes a logout', async (name, protocol) => {
    const { trace, states } = await explore(await worldOf(protocol, logoutBounds), 'breadth', most);
    if (!trace) return expect.fail('no violation was found');
    console.log(`${name}, the shortest of ${states} states:\n${printed(trace)}`);
    expect(trace.violation).toContain('deleted');
    // It is no accident: the schedule leads there again.
    expect(await replay(await worldOf(protocol, logoutBounds), trace.schedule)).toEqual(trace);
  });

  it.each(Object.entries(naiveProtocols).filter(([name]) => name !== 'put-if-newer'))(
    '%s hides a save',
    async (name, protocol) => {
      const { trace, states } = await explore(await worldOf(protocol, savingBounds), 'breadth', most);
      if (!trace) return expect.fail('no violation was found');
      console.log(`${name}, the shortest of ${states} states:\n${printed(trace)}`);
      expect(trace.violation).toContain('revision 1 where 2 was acknowledged');
    },
  );
});
