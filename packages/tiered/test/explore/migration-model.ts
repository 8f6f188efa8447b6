import type { SessionRecord } from '@stet/core';
import { lossIn, shortfall } from './checks.ts';
import type { Model } from './model.ts';
import { farApart } from './tiered-model.ts';
import type { World } from './world.ts';

/** Two stores that keep what they have acknowledged, and a session that goes from one to the other. */
export const migrationModel: Model = {
  names: { front: 'to', back: 'from' },
  birth: farApart,
  mishapsOf({ op }) {
    if (op === 'load' || op === 'entries') return [];
    return ['fails before it takes effect', 'takes effect and its reply is lost', 'times out and stays on its way'];
  },
  incidentsIn(world) {
    const { entry } = world;
    if (!entry || entry.record) return [];
    const isHeld = world.processes.some(({ isDead, situation, seen, flights }) => {
      const isComing = flights.some((flight) => flight && 'token' in flight && flight.token === entry.token);
      return !isDead && !situation.isDone && (isComing || seen.includes(entry.token));
    });
    return [{ label: 'the lease runs out', next: () => ({ ...world, entry: null }), isDue: !isHeld }];
  },
  countsArrivals: true,
  mayRing: ({ entry }) => !entry || entry.record !== null,
  // While a logout is under way, its session may be seen to be gone and then once more.
  isSurelyLive: (world) => !world.mayEnd && recordIn(world) !== null,
  violationIn(world) {
    const { floor, arrivals, mayEnd } = world;
    const record = recordIn(world);
    if (arrivals !== null && arrivals > 1) return 'the session has arrived twice';
    if (!record) return mayEnd ? undefined : 'the session is lost';
    const loss = lossIn(record, world);
    if (loss) return loss;
    const wrong = shortfall(record, floor);
    return wrong && `a load that begins now is served ${wrong}`;
  },
};

/** The session as it stands. */
function recordIn({ entry, back }: World): SessionRecord | null {
  return entry?.record ?? back;
}
