import type { SessionStore, StoreCapabilities } from '@stet/core';

/** What the kit asks of the store that it has opened. Plain data: a second process opens the same store from it. */
export interface StoreSettings {
  /**
   * Which data: stores of one namespace share it where they can, stores of two never do. A lower-case letter followed
   * by at most 31 lower-case letters and digits, fit for a key prefix, a directory or a table name.
   */
  readonly namespace: string;
  /** The deadline of each call of the store, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * How long a lease may be held, in milliseconds, for a store that can be told; another value only makes rules wait
   * longer.
   */
  readonly leaseMs: number;
}

/** Ends a fault. It resolves once the backend is as it was before. */
export type Restore = () => Promise<void>;

/** Ways to make the backend fail. Rules that need one which is absent are skipped, and say so. */
export interface Faults {
  /** Makes the backend unreachable for stores of these settings. */
  outage?(settings: StoreSettings): Promise<Restore>;
  /** Makes the backend accept requests and never answer them. */
  stall?(settings: StoreSettings): Promise<Restore>;
  /** Makes the next write take effect in the backend while its reply is lost on the way. */
  loseReply?(settings: StoreSettings): Promise<Restore>;
  /** Puts something that cannot be read as a record in place of the live record of the id. */
  corrupt?(settings: StoreSettings, id: string): Promise<void>;
  /**
   * Gives the command to the store, and keeps a copy of what was sent to the backend for it. What this resolves to
   * delivers the copy, as a driver or a network does that sends something twice, and resolves once the backend has
   * taken it.
   */
  lateCopy?(settings: StoreSettings, command: () => Promise<unknown>): Promise<() => Promise<void>>;
  /** Opens a store that reads the time from `now`, as `createStore` does otherwise. Clocks give fractions, and jump. */
  clock?(settings: StoreSettings, now: () => number): SessionStore | Promise<SessionStore>;
}

/** A store as the kit sees it. */
export interface ConformanceTarget {
  /** How reports call it. A second process finds the target by it among the exports of `module`. */
  readonly name: string;
  /**
   * What the store is meant to be able to do. The only way to opt out of rules, so that users of the store see it too.
   */
  readonly capabilities: StoreCapabilities;
  /**
   * The URL of the module that exports this target, `import.meta.url` most often: a second process imports it. Required
   * where `capabilities.shared` is true. What differs from run to run, such as a port, goes through `process.env`.
   */
  readonly module?: string;
  readonly faults?: Faults;
  /** Opens a store. With a namespace seen for the first time it is empty. The kit closes what it opens. */
  createStore(settings: StoreSettings): SessionStore | Promise<SessionStore>;
  /** Removes what a namespace has left behind. Called once its stores are closed. */
  dispose?(namespace: string): Promise<void>;
  /** Ends what the target itself holds, such as clients. Called once, at the end of a run. */
  close?(): Promise<void>;
}

const largestDataBytes = 64 * 1024 * 1024;

/** Checks a target and gives it back. Throws a `TypeError` that says what to change. */
export function defineTarget(target: ConformanceTarget): ConformanceTarget {
  const { name, capabilities, module, createStore } = target;
  if (typeof name !== 'string' || name === '') throw new TypeError('A target has a name for its reports.');
  if (typeof createStore !== 'function') throw new TypeError(`Target "${name}" lacks createStore(settings).`);
  if (typeof capabilities !== 'object' || capabilities === null) {
    throw new TypeError(`Target "${name}" declares the capabilities that its store is meant to have.`);
  }
  if (!(capabilities.maxDataBytes <= largestDataBytes)) {
    throw new TypeError(
      `The store of target "${name}" is too roomy to be tested at its limit: give it a maxDataBytes of at most ${largestDataBytes}.`,
    );
  }
  if (capabilities.shared && module === undefined) {
    throw new TypeError(
      `Target "${name}" is shared across processes: name the module that exports it, as module: import.meta.url.`,
    );
  }
  return target;
}
