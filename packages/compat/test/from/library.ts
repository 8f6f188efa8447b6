import type { Store } from 'express-session';
import type { LegacySessions } from '../../src/from.ts';

/** A session library at work in a place of its own, and what reads there what it leaves behind. */
export interface Library {
  readonly store: Store;
  readonly from: LegacySessions;
  /** What its visitors have in their sessions, where the library cannot keep everything. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** The sids of all that is kept there, live or not, sound or not. */
  remaining(): Promise<string[]>;
  /** Makes what is kept for the sid unreadable. */
  spoil(sid: string): Promise<unknown>;
  /** Lets the session with the sid have ended some time ago. */
  expire(sid: string): Promise<unknown>;
  /** A reader that is refused whatever it asks about the sid, with an error of the driver's. */
  refused(sid: string): Promise<LegacySessions>;
  /** A reader whose server, file or folder is not there. */
  readonly unreachable: LegacySessions;
}
