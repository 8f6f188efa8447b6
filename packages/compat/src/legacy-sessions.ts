import type { SessionRecord } from '@stet/core';

/** The sessions that another library left behind, by the ids that it gave them: what an application moves in from. */
export interface LegacySessions {
  /** The live session with this id, or `null`. Its `data` is the JSON text that the library left. */
  load(sid: string): Promise<SessionRecord | null>;
  /** Removes the session for good. `false`: there was none. */
  delete(sid: string): Promise<boolean>;
  /** All live sessions. */
  entries(): AsyncIterable<readonly [sid: string, record: SessionRecord]>;
}
