import type { SessionRecord, SessionStore } from '@stet/core';
import type { Request, Tier } from './request.ts';
import type { Ask } from './stores.ts';
import type { World } from './world.ts';

/** Makes the store under test over two stores that are asked. */
export type Protocol = (ask: Ask, now: () => number) => SessionStore;

/** What may become of a call. */
export type Mishap =
  | 'fails before it takes effect'
  | 'takes effect and its reply is lost'
  | 'times out and stays on its way';

/** Something that happens to the stores by themselves. */
export interface Incident {
  readonly label: string;
  readonly next: () => World;
  /** Happens in the end without any fault. */
  readonly isDue?: boolean;
}

/** What two stores together are to keep up, and what may go wrong with them. */
export interface Model {
  /** What the two are called. */
  readonly names: Readonly<Record<Tier, string>>;
  /** What the session gets that begins under the id after so many others. Its creation time tells which one it is. */
  readonly birth: (number: number) => Pick<SessionRecord, 'revision' | 'createdAt'>;
  readonly mishapsOf: (request: Request) => readonly Mishap[];
  readonly incidentsIn: (world: World) => readonly Incident[];
  /** Whether the session comes to the front once, to stay. */
  readonly countsArrivals: boolean;
  /** Whether a process that pauses may find anything changed. */
  readonly mayRing: (world: World) => boolean;
  /** Whether nobody may be told that the session is gone. */
  readonly isSurelyLive: (world: World) => boolean;
  /** What is wrong at this moment, whatever happens next. */
  readonly violationIn: (world: World) => string | undefined;
}
