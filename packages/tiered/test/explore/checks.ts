import type { SessionRecord } from '@stet/core';
import type { Fact } from './request.ts';
import { type Floor, lifeOf, nothing, type Process, type World } from './world.ts';

/** The sum of two demands. */
export function both(one: Floor, other: Floor): Floor {
  const endedLife = Math.max(one.endedLife, other.endedLife);
  if (one.life !== other.life) return { ...(one.life > other.life ? one : other), endedLife };
  const revision = Math.max(one.revision, other.revision);
  return { life: one.life, revision, expiresAt: Math.max(one.expiresAt, other.expiresAt), endedLife };
}

/** What is wrong with loading this record, where no less than the floor may be loaded. */
export function shortfall(record: SessionRecord | null, floor: Floor): string | undefined {
  if (!record) return undefined;
  const [life, { revision }] = [lifeOf(record), record];
  if (life <= floor.endedLife) return `revision ${revision} of a deleted session`;
  if (life < floor.life) return `revision ${revision} of the session before the one that was acknowledged`;
  if (life > floor.life) return undefined;
  if (revision < floor.revision) return `revision ${revision} where ${floor.revision} was acknowledged`;
  if (record.expiresAt < floor.expiresAt) return 'an expiry that an acknowledged touch had extended';
  return undefined;
}

/** What is wrong with the record that there is, where these keys were acknowledged. */
export function lossIn(record: SessionRecord, { acknowledged }: World): string | undefined {
  const lost = acknowledged.find(([life, key]) => life === lifeOf(record) && !record.data.includes(key));
  return lost && `what was acknowledged with the key ${lost[1]} is lost`;
}

/**
 * What the facts that a process has just told make of it and of what must hold from now on; or what is wrong with them.
 */
export function learn(
  world: World,
  process: Process,
  facts: readonly Fact[],
): Pick<World, 'floor' | 'acknowledged' | 'endings'> & { ownFloor: Floor; violation: string | undefined } {
  let { floor, acknowledged, endings } = world;
  let { ownFloor } = process;
  let violation: string | undefined;
  const isAlone = world.births === process.birthsBefore;
  const acknowledge = (gained: Partial<Floor>, isConfirmed: boolean): void => {
    if (process.isOvertaken) return;
    ownFloor = both(ownFloor, { ...nothing, ...gained });
    if (isConfirmed) floor = both(floor, { ...nothing, ...gained });
  };
  const keep = (record: SessionRecord, key: string): void => {
    acknowledged = [...acknowledged, [lifeOf(record), key] as const].toSorted();
  };
  for (const fact of facts) {
    if (fact.kind === 'loaded') {
      const wrong = shortfall(fact.record, process.loadFloor);
      if (wrong) violation = `a load was served ${wrong}`;
      if (!fact.record && isAlone && world.model.isSurelyLive(world)) violation = 'a live session was reported as gone';
    } else if (fact.kind === 'created') {
      const [life, { revision, expiresAt }] = [lifeOf(fact.record), fact.record];
      keep(fact.record, fact.key);
      // Where the front could not be told of the end of the one before, a creation changes nothing about that.
      if (life - 1 <= floor.endedLife) acknowledge({ life, revision, expiresAt }, true);
    } else if (fact.kind === 'updated') {
      const life = lifeOf(fact.record);
      if (life !== lifeOf(fact.base)) violation = 'an update of a session that had ended changed the one after it';
      keep(fact.record, fact.key);
      acknowledge({ life, revision: fact.record.revision }, fact.isConfirmed);
    } else if (fact.kind === 'touched') {
      // Which one was touched is certain only where none has begun meanwhile.
      if (isAlone) acknowledge({ life: world.births, expiresAt: fact.expiresAt }, fact.isConfirmed);
    } else if (fact.kind === 'deleted') {
      if (fact.wasLive) endings += 1;
      acknowledge({ endedLife: process.birthsBefore }, fact.isConfirmed);
    } else if (fact.kind === 'ended') acknowledge({ endedLife: lifeOf(fact.record) }, true);
  }
  if (endings > world.births + 1) violation = 'two logouts were each told that they had ended the same session';
  return { floor, ownFloor, acknowledged, endings, violation };
}
