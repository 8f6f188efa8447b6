import { setImmediate as tick } from 'node:timers/promises';
import type { MemoryStore, MemoryStoreOptions, SessionStore, StoreCapabilities } from '@stet/core';
import { type ConformanceTarget, defineTarget, type StoreSettings } from '../../src/index.ts';
import { target as memoryTarget } from '../fixtures/memory-target.ts';
import { servedTarget } from '../fixtures/served-target.ts';

/** A store that is wrong in one way, and the rule that has to find it. */
export interface Mutant {
  readonly breaks: string;
  /** Rules that cannot but break with it. */
  readonly alsoBreaks: readonly string[];
  readonly target: ConformanceTarget;
}

/** A mutant of the in-memory store. */
export function inMemory(
  breaks: string,
  Store: new (options: MemoryStoreOptions, settings: StoreSettings) => MemoryStore,
  { alsoBreaks = [], capabilities = {} }: { alsoBreaks?: string[]; capabilities?: Partial<StoreCapabilities> } = {},
): Mutant {
  const target = defineTarget({
    name: `mutant of ${breaks}`,
    capabilities: { ...memoryTarget.capabilities, ...capabilities },
    createStore: (settings) => new Store({ leaseMs: settings.leaseMs, maxDataBytes: 65_536 }, settings),
    faults: {
      clock: (settings, now) => new Store({ leaseMs: settings.leaseMs, maxDataBytes: 65_536, now }, settings),
    },
  });
  return { breaks, alsoBreaks, target };
}

/** Where a second process finds the mutants of the store over a server. */
const servedModule = new URL('./served-mutants.ts', import.meta.url).href;

/** A mutant of the store over a server. */
export function served(breaks: string, Store: new (settings: StoreSettings) => SessionStore): Mutant {
  return { breaks, alsoBreaks: [], target: servedTarget(`mutant of ${breaks}`, servedModule, Store) };
}

/** Lets everything else that is ready go first: what stands before and after it is not one step. */
export async function pause(): Promise<void> {
  await tick();
}
