import {
  beginningAtOne,
  cacheWorld,
  calmBounds,
  failoverBounds,
  faultyBounds,
  largeReuseBounds,
  logoutBounds,
  longFaultyBounds,
  migrationBounds,
  migrationReuseBounds,
  migrationWorld,
  movingBounds,
  returnBounds,
  reuseBounds,
} from './bounds.ts';
import { naiveCaches } from './caches.ts';
import { explore, printed } from './explore.ts';
import { naiveMigrations } from './migrations.ts';

/**
 * Explores the tiered and the migrating store within the bounds of the tests, each up to a number of states (or all),
 * with more faults if asked: `pnpm explore [states] [additional faults]`. Then the naive protocols, up to their
 * shortest violation.
 */
const [most = '4000000', additional = '0'] = process.argv.slice(2);
let isSound = true;

const ofCaches = { ...calmBounds, ...faultyBounds, ...longFaultyBounds, ...failoverBounds, ...reuseBounds };
const ofMigrations = { ...migrationBounds, ...migrationReuseBounds };
const larger = { 'reader, writer, deleter, creator': largeReuseBounds };
const sound = [
  ...Object.entries({ ...ofCaches, ...larger }).map(([name, bounds]) => ({ name, bounds, begin: cacheWorld })),
  ...Object.entries({ ...ofMigrations, ...larger }).map(([name, bounds]) => ({
    name: `migration: ${name}`,
    bounds,
    begin: migrationWorld,
  })),
];
for (const { name, bounds, begin } of sound) {
  const begunAt = Date.now();
  const faults = bounds.faults + Number(additional);
  const { trace, ...figures } = await explore(await begin({ ...bounds, faults }), 'depth', Number(most));
  const more = faults > bounds.faults ? ` and ${additional} more` : '';
  console.log(`${name}${more}:`, figures, `${Date.now() - begunAt} ms`);
  if (trace) console.log(printed(trace));
  isSound &&= !trace;
}

const naive = [
  ...Object.entries(naiveCaches).map(([name, protocol]) => ({ name, first: cacheWorld(logoutBounds, { protocol }) })),
  ...Object.entries(naiveMigrations).map(([name, protocol]) => ({
    name,
    first: migrationWorld(movingBounds, { protocol }),
  })),
  { name: 'revisions that begin at 1', first: cacheWorld(returnBounds, { change: beginningAtOne }) },
  { name: 'the same in a migration', first: migrationWorld(returnBounds, { change: beginningAtOne }) },
];
for (const { name, first } of naive) {
  const { trace, states } = await explore(await first, 'breadth', Number(most));
  console.log(`${name}: ${trace ? `violated, after ${states} states` : 'no violation'}`);
  if (trace) console.log(printed(trace));
  isSound &&= trace !== undefined;
}

process.exitCode = isSound ? 0 : 1;
