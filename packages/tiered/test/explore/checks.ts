import type { SessionRecord } from '@stet/core';
import type { Fact } from './request.ts';
import { type Floor, nothing, type Process, type World } from './world.ts';

/** The sum of two demands. */
export function both(one: Floor, other: Floor): Floor {
  return {
    revision: Math.max(one.revision, other.revision),
    expiresAt: Math.max(one.expiresAt, other.expiresAt),
    isDeleted: one.isDeleted || other.isDeleted,
  };
}

/** What is wrong with loading this record, where no less than the floor may be loaded. */
export function shortfall(record: SessionRecord | null, floor: Floor): string | undefined {
  if (!record) return undefined;
  if (floor.isDeleted) return `revision ${record.revision} of a deleted session`;
  if (record.revision < floor.revision) return `revision ${record.revision} where ${floor.revision} was acknowledged`;
  if (record.expiresAt < floor.expiresAt) return 'an expiry that an acknowledged touch had extended';
  return undefined;
}

/** What the facts that a process has just told make of it and of what must hold from now on; or what is wrong with them. */
export function learn(
  world: World,
  process: Process,
  facts: readonly Fact[],
): { floor: Floor; ownFloor: Floor; acknowledgedKeys: string; violation: string | undefined } {
  let { floor, acknowledgedKeys } = world;
  let { ownFloor } = process;
  let violation: string | undefined;
  const acknowledge = (gained: Partial<Floor>, isConfirmed: boolean): void => {
    if (process.isOvertaken) return;
    ownFloor = both(ownFloor, { ...nothing, ...gained });
    if (isConfirmed) floor = both(floor, { ...nothing, ...gained });
  };
  for (const fact of facts) {
    if (fact.kind === 'loaded') {
      const wrong = shortfall(fact.record, process.loadFloor);
      if (wrong) violation = `a load was served ${wrong}`;
      if (!fact.record && world.model.isSurelyLive(world)) violation = 'a live session was reported as gone';
    } else if (fact.kind === 'updated') {
      acknowledge({ revision: fact.record.revision }, fact.isConfirmed);
      acknowledgedKeys = [...acknowledgedKeys, fact.key].sort().join('');
    } else if (fact.kind === 'touched') acknowledge({ expiresAt: fact.expiresAt }, fact.isConfirmed);
    else if (fact.kind === 'deleted') acknowledge({ isDeleted: true }, fact.isConfirmed);
  }
  return { floor, ownFloor, acknowledgedKeys, violation };
}
