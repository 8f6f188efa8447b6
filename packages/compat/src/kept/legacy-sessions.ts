import type { SessionRecord } from '@stet/core';

/**
 * The sessions that another library left behind, by the ids that it gave them: what an application moves in from.
 * Sessions are read and removed there, never written. A failure rejects with a `StoreError` and is never reported as
 * `null` or `false`; a removal that failed may have happened, and can be asked for again.
 */
export interface LegacySessions {
  /**
   * The live session with this id, or `null`. Its `data` is the session as JSON, its revision 1. Rejects with
   * `STORE_CORRUPT_RECORD` where there is something that is no session.
   */
  load(sid: string): Promise<SessionRecord | null>;
  /** Removes the session for good. `false`: there was none. */
  delete(sid: string): Promise<boolean>;
  /** All live sessions. One that cannot be read is left out, and reported on the channel `stet:corrupt-record`. */
  entries(): AsyncIterable<readonly [sid: string, record: SessionRecord]>;
}
