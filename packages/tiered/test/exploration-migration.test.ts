import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrationBounds, migrationWorld, movingBounds, wideMigrationBounds } from './explore/bounds.ts';
import { explore, printed, replay } from './explore/explore.ts';
import { naiveMigrations } from './explore/migrations.ts';

const most = 5_000_000;

describe('in every interleaving a session arrives once, and no acknowledged save or logout is undone or lost', () => {
  it.each(Object.entries(migrationBounds))('%s', async (name, bounds) => {
    const { trace, ...figures } = await explore(await migrationWorld(bounds), 'depth', most);
    expect(trace && printed(trace)).toBeUndefined();
    expect(figures.isComplete).toBe(true);
    console.log(`${name}: ${figures.states} states, ${figures.steps} steps, ${figures.ends} ends, 0 violations`);
  });

  it('random schedules of ten processes and four faults', async () => {
    const world = await migrationWorld(wideMigrationBounds);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(10_000), { minLength: 60, maxLength: 160 }), async (schedule) => {
        const end = await replay(world, schedule);
        if ('violation' in end) throw new Error(printed(end));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('what others do is caught', () => {
  it.each(Object.entries(naiveMigrations))('%s', async (name, protocol) => {
    const { trace, states } = await explore(await migrationWorld(movingBounds, { protocol }), 'breadth', most);
    if (!trace) return expect.fail('no violation was found');
    console.log(`${name}, the shortest of ${states} states:\n${printed(trace)}`);
    expect(trace.violation).toMatch(name.startsWith('delete') ? 'lost' : 'of a deleted session');
    // It is no accident: the schedule leads there again.
    expect(await replay(await migrationWorld(movingBounds, { protocol }), trace.schedule)).toEqual(trace);
  });
});
