import { Behaviour } from './behaviour.ts';
import type { Protocol } from './protocols.ts';
import { deleter, reader, type Script, toucher, writer, writerThenReader } from './scripts.ts';
import { firstWorld, type World } from './world.ts';

/** How much may happen in one exploration. */
export interface Bounds {
  readonly processes: Readonly<Record<string, Script>>;
  readonly faults: number;
  /** The front holds the session at the start. */
  readonly isWarm: boolean;
}

export async function worldOf(protocol: Protocol, { processes, faults, isWarm }: Bounds): Promise<World> {
  const behaviours = Object.entries(processes).map(([name, script]) => new Behaviour(name, protocol, script));
  return firstWorld(behaviours, faults, isWarm);
}

const R1 = reader;
const R2 = reader;
const W1 = writer('a');
const W2 = writer('b');
const W3 = writerThenReader('c');
const T = toucher;
const D = deleter;

/** Every interleaving where nothing fails. */
export const calmBounds: Readonly<Record<string, Bounds>> = {
  'cold front, 2 readers, writer, deleter': { processes: { R1, R2, W1, D }, faults: 0, isWarm: false },
  'cold front, reader, 2 writers, deleter': { processes: { R1, W1, W2, D }, faults: 0, isWarm: false },
  'warm front, writer, toucher, writer that reads again': { processes: { W1, T, W3 }, faults: 0, isWarm: true },
};

/** Every interleaving with every choice of faults, anywhere. */
export const faultyBounds: Readonly<Record<string, Bounds>> = {
  'warm front, reader, writer, deleter, 2 faults': { processes: { R1, W1, D }, faults: 2, isWarm: true },
  'cold front, reader, writer, deleter, 1 fault': { processes: { R1, W1, D }, faults: 1, isWarm: false },
  'warm front, 2 writers, 2 faults': { processes: { W1, W2 }, faults: 2, isWarm: true },
  'warm front, reader, writer that reads again, 2 faults': { processes: { R1, W3 }, faults: 2, isWarm: true },
  'warm front, reader, writer, toucher, 1 fault': { processes: { R1, W1, T }, faults: 1, isWarm: true },
};

/** What protocols in use elsewhere fail in, without any fault. */
export const savingBounds: Bounds = { processes: { R1, W1 }, faults: 0, isWarm: false };
export const logoutBounds: Bounds = { processes: { R1, W1, D }, faults: 0, isWarm: false };

/** What random schedules go beyond those bounds in. */
export const wideBounds: Bounds = { processes: { R1, R2, W1, W2, W3, T, D }, faults: 4, isWarm: false };
