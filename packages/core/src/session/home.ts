import type { Base } from './engine/copy/working-copy.ts';
import type { Engine } from './engine/engine.ts';
import type { Lifetime } from './lifetime.ts';

/** What saving a session does where another save came first: apply the changes to what that left, or refuse. */
export type ConflictPolicy = 'merge' | 'reject';

/** What all sessions of one `Sessions` share. */
export interface Home extends Engine {
  readonly lifetime: Lifetime;
  /** What a session without data has for a text. */
  readonly nothing: Base;
  readonly maxSessionsPerSubject: number | undefined;
}

/** How one copy of a session was come by. */
export interface Opening {
  /** A visitor's request, which may prolong the session; a job or a listing does not. */
  readonly attended: boolean;
  /** Somebody hands a new token to the visitor. */
  readonly canMove: boolean;
  readonly onConflict: ConflictPolicy;
  /** Asks the store of record where a cache might answer. */
  readonly fresh: boolean;
  /** Whether the visitor's coming puts off the end of the session. */
  readonly rolling: boolean;
  /** Nothing of the session is saved. */
  readonly readOnly: boolean;
}
