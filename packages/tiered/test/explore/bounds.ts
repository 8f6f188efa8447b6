import { Behaviour } from './behaviour.ts';
import { tiered } from './caches.ts';
import { migrationModel } from './migration-model.ts';
import { migrating } from './migrations.ts';
import type { Model, Protocol } from './model.ts';
import {
  creator,
  deleter,
  deleterThenCreator,
  ender,
  mover,
  reader,
  type Script,
  toucher,
  writer,
  writerThenReader,
} from './scripts.ts';
import { tieredModel } from './tiered-model.ts';
import { firstWorld, type World } from './world.ts';

/** How much may happen in one exploration. */
export interface Bounds {
  readonly processes: Readonly<Record<string, Script>>;
  readonly faults: number;
  /** The front holds the session at the start. */
  readonly isWarm: boolean;
  /** How often the front may fail over to a copy of any age; each time is one of the faults. Default 0. */
  readonly failovers?: number;
}

/** What is explored instead of the stores themselves. */
interface Variant {
  readonly protocol?: Protocol;
  readonly change?: (model: Model) => Model;
}

export type StartOfWorld = (bounds: Bounds, variant?: Variant) => Promise<World>;

function startOf(sound: Model, stores: Protocol): StartOfWorld {
  return (bounds, { protocol = stores, change = (model: Model) => model } = {}) => {
    const processes = Object.entries(bounds.processes).map(([name, script]) => new Behaviour(name, protocol, script));
    return firstWorld(change(sound), processes, bounds);
  };
}

export const cacheWorld: StartOfWorld = startOf(tieredModel, tiered);
export const migrationWorld: StartOfWorld = startOf(migrationModel, migrating);

/** The stores as they would be if every session began at revision 1. */
export function beginningAtOne(model: Model): Model {
  return { ...model, birth: (number) => ({ ...model.birth(number), revision: 1 }) };
}

const R1 = reader;
const R2 = reader;
const W1 = writer('a');
const W2 = writer('b');
const W3 = writerThenReader('c');
const C = creator('n');
const DC = deleterThenCreator('n');
const T = toucher;
const D = deleter;
const D2 = deleter;
const E = ender;
const M = mover;

/** Every interleaving where nothing fails; what is small comes first, here and below. */
export const calmBounds: Readonly<Record<string, Bounds>> = {
  'warm front, writer, toucher, writer that reads again': { processes: { W1, T, W3 }, faults: 0, isWarm: true },
  'cold front, 2 readers, writer, deleter': { processes: { R1, R2, W1, D }, faults: 0, isWarm: false },
  'cold front, reader, 2 writers, deleter': { processes: { R1, W1, W2, D }, faults: 0, isWarm: false },
};

/** Every interleaving with every choice of faults, anywhere. */
export const faultyBounds: Readonly<Record<string, Bounds>> = {
  'warm front, reader, writer that reads again, 2 faults': { processes: { R1, W3 }, faults: 2, isWarm: true },
  'warm front, reader, writer, toucher, 1 fault': { processes: { R1, W1, T }, faults: 1, isWarm: true },
  'cold front, reader, writer, deleter, 1 fault': { processes: { R1, W1, D }, faults: 1, isWarm: false },
  'warm front, 2 writers, 2 faults': { processes: { W1, W2 }, faults: 2, isWarm: true },
};

/** The same with more of them: over a minute of work, for `STET_LONG_TESTS=1`. */
export const longFaultyBounds: Readonly<Record<string, Bounds>> = {
  'warm front, reader, writer, deleter, 2 faults': { processes: { R1, W1, D }, faults: 2, isWarm: true },
};

/** The same, where the front may fail over to a copy of itself of any age. */
export const failoverBounds: Readonly<Record<string, Bounds>> = {
  'warm front, reader, writer, 2 faults, 1 failover': { processes: { R1, W1 }, faults: 2, isWarm: true, failovers: 1 },
  'cold front, reader, deleter, 2 faults, 1 failover': { processes: { R1, D }, faults: 2, isWarm: false, failovers: 1 },
  'warm front, reader, writer, deleter, 1 failover': {
    processes: { R1, W1, D },
    faults: 1,
    isWarm: true,
    failovers: 1,
  },
};

/**
 * A session that begins under an id as soon as the one before has ended, in every interleaving with every choice of
 * faults.
 */
export const reuseBounds: Readonly<Record<string, Bounds>> = {
  'warm front, writer, deleter, creator': { processes: { W1, D, C }, faults: 0, isWarm: true },
  'cold front, reader, writer, creator after the deleter': { processes: { R1, W1, DC }, faults: 0, isWarm: false },
  'warm front, reader, deleter, creator, 1 fault': { processes: { R1, D, C }, faults: 1, isWarm: true },
  'warm front, writer, deleter, creator, 1 fault': { processes: { W1, D, C }, faults: 1, isWarm: true },
  'cold front, 2 deleters, creator, 1 fault': { processes: { D, D2, C }, faults: 1, isWarm: false },
};

/** The same, where the session has not moved yet. */
export const migrationReuseBounds: Readonly<Record<string, Bounds>> = {
  'writer, deleter, creator': { processes: { W1, D, C }, faults: 0, isWarm: false },
  'reader, writer, creator after the deleter': { processes: { R1, W1, DC }, faults: 0, isWarm: false },
  'writer, deleter, creator, 1 fault': { processes: { W1, D, C }, faults: 1, isWarm: false },
  'reader, 2 deleters': { processes: { R1, D, D2 }, faults: 0, isWarm: false },
  'mover of all, 2 deleters': { processes: { M, D, D2 }, faults: 0, isWarm: false },
  '2 deleters, creator, 1 fault': { processes: { D, D2, C }, faults: 1, isWarm: false },
  'mover of all, deleter, creator, 1 fault': { processes: { M, D, C }, faults: 1, isWarm: false },
  'writer, logout by an update, creator, 1 fault': { processes: { W1, E, C }, faults: 1, isWarm: false },
};

/** Too many states for each run of the tests: for the command. */
export const largeReuseBounds: Bounds = { processes: { R1, W1, D, C }, faults: 0, isWarm: false };

/** A session that has not moved yet, in every interleaving with every choice of faults. */
export const migrationBounds: Readonly<Record<string, Bounds>> = {
  'reader, writer, mover of all': { processes: { R1, W1, M }, faults: 0, isWarm: false },
  '2 writers, toucher': { processes: { W1, W2, T }, faults: 0, isWarm: false },
  '2 writers, 2 faults': { processes: { W1, W2 }, faults: 2, isWarm: false },
  'writer that reads again, logout by an update, 2 faults': { processes: { W3, E }, faults: 2, isWarm: false },
  'writer, mover of all, deleter': { processes: { W1, M, D }, faults: 0, isWarm: false },
  'mover of all, deleter, 2 faults': { processes: { M, D }, faults: 2, isWarm: false },
  'mover of all, logout by an update, 3 faults': { processes: { M, E }, faults: 3, isWarm: false },
  '2 readers, writer, deleter': { processes: { R1, R2, W1, D }, faults: 0, isWarm: false },
  'writer, deleter, 2 faults': { processes: { W1, D }, faults: 2, isWarm: false },
  'reader, writer, deleter, 1 fault': { processes: { R1, W1, D }, faults: 1, isWarm: false },
};

/** What protocols in use elsewhere fail in, without any fault. */
export const savingBounds: Bounds = { processes: { R1, W1 }, faults: 0, isWarm: false };
export const logoutBounds: Bounds = { processes: { R1, W1, D }, faults: 0, isWarm: false };
/** What ways of moving sessions fail in. */
export const movingBounds: Bounds = { processes: { R1, W1, D }, faults: 1, isWarm: false };

/** What revisions that begin at 1 fail in. */
export const returnBounds: Bounds = { processes: { W1, D, C }, faults: 0, isWarm: false };

/** What random schedules go beyond those bounds in. */
export const wideBounds: Bounds = { processes: { R1, R2, W1, W2, W3, T, D, C }, faults: 4, isWarm: false };
export const wideMigrationBounds: Bounds = {
  processes: { R1, R2, W1, W2, W3, T, M, E, D, C },
  faults: 4,
  isWarm: false,
};
