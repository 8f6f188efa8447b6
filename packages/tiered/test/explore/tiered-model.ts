import type { SessionRecord } from '@stet/core';
import { both, lossIn, shortfall } from './checks.ts';
import type { Incident, Model } from './model.ts';
import { startedAt } from './request.ts';
import { type Flight, lifeOf, nothing, type World } from './world.ts';

/** A cache that may lose everything at any time, before a store that keeps what it has acknowledged. */
export const tieredModel: Model = {
  names: { front: 'front', back: 'back' },
  birth: farApart,
  mishapsOf({ tier, op }) {
    if (tier === 'front') {
      return ['fails before it takes effect', 'takes effect and its reply is lost', 'times out and stays on its way'];
    }
    return op === 'load' ? [] : ['takes effect and its reply is lost'];
  },
  incidentsIn(world) {
    const { entry, clock, stragglers } = world;
    const incidents: Incident[] = [];
    if (entry) {
      const label = entry.record ? 'the entry is evicted' : 'the lease runs out';
      incidents.push({ label, next: () => ({ ...world, entry: null }) });
    }
    if (hasFrontCalls(world)) {
      incidents.push({ label: 'the front restarts empty, and calls under way fail', next: () => restarted(world) });
    } else if (clock === 0 && !stragglers.some(({ request }) => request.tier === 'front')) {
      incidents.push({ label: 'the staleness bound passes', next: () => later(world) });
    }
    if (world.failoversLeft > 0) {
      if (world.copy === undefined) {
        incidents.push({
          label: 'a copy of the front lags from here on',
          next: () => ({ ...world, copy: entry }),
          isDue: true,
        });
      } else incidents.push({ label: 'the front fails over to the copy', next: () => failedOver(world) });
    }
    return incidents;
  },
  countsArrivals: false,
  mayRing: () => true,
  isSurelyLive: ({ back }) => back !== null,
  violationIn(world) {
    const { entry, back, clock, floor, boundFloor } = world;
    const loss = back && lossIn(back, world);
    if (loss) return loss;
    if (!entry?.record) return undefined;
    if (back && isAhead(entry.record, back)) return 'the front is ahead of the back';
    if (entry.storedAt < clock) return undefined;
    const wrong = shortfall(entry.record, both(floor, boundFloor));
    return wrong && `a load that begins now is served ${wrong}`;
  },
};

/**
 * Random as the first revisions of sessions are, none is met twice; and a later one may be lower than an earlier one.
 */
export function farApart(number: number): { readonly revision: number; readonly createdAt: number } {
  return { revision: 1_001 + 100 * (number % 2 === 0 ? number : -number), createdAt: startedAt + number };
}

function isAhead(one: SessionRecord, other: SessionRecord): boolean {
  return lifeOf(one) > lifeOf(other) || (lifeOf(one) === lifeOf(other) && one.revision > other.revision);
}

function hasFrontCalls(world: World): boolean {
  return world.processes.some(
    ({ isDead, situation, flights }) =>
      !isDead && situation.requests.some((request, of) => request?.tier === 'front' && flights[of]?.stage === 'asked'),
  );
}

function restarted(world: World): World {
  const processes = world.processes.map((process) => ({
    ...process,
    flights: process.flights.map((flight, of): Flight | null =>
      flight?.stage === 'asked' && process.situation.requests[of]?.tier === 'front'
        ? { stage: 'failed', error: 'STORE_UNAVAILABLE' }
        : flight,
    ),
  }));
  const stragglers = world.stragglers.filter(({ request }) => request.tier !== 'front');
  return { ...world, entry: null, processes, stragglers };
}

/** What was acknowledged since may be missing from what is read, until the bound has passed. */
function failedOver(world: World): World {
  const { copy = null } = world;
  const processes = world.processes.map((process) => ({
    ...process,
    loadFloor: nothing,
    ownFloor: nothing,
    isOvertaken: true,
  }));
  return { ...world, entry: copy, copy: undefined, failoversLeft: world.failoversLeft - 1, processes, floor: nothing };
}

/** No lease lives as long as the bound, and no packet is under way for as long. */
function later(world: World): World {
  const { entry, back, births } = world;
  const boundFloor = back
    ? { life: births, revision: back.revision, expiresAt: back.expiresAt, endedLife: births - 1 }
    : { ...nothing, endedLife: births };
  return { ...world, clock: world.clock + 1, entry: entry?.record ? entry : null, boundFloor };
}
