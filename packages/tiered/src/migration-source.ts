import type { IdAndRecord, SessionRecord, StoreCapabilities, SweepOptions } from '@stet/core';

/**
 * Where sessions are moved from: any store, or a reader of what another library left behind. It is never written to.
 */
export interface MigrationSource {
  /** What is known of it. Default: everything is kept, shared and listed, and nothing has to be swept. */
  readonly capabilities?: Partial<StoreCapabilities>;
  /** The live record, or `null` where there is none. */
  load(id: string): Promise<SessionRecord | null>;
  /** Removes it for good. `false`: there was none. */
  delete(id: string): Promise<boolean>;
  /** All live records, as a store lists them. Without it sessions move on their first use alone. */
  entries?(): AsyncIterable<IdAndRecord>;
  /**
   * The live records of a subject, as a store that says `bySubject` finds them. Without it they are looked for among
   * all.
   */
  bySubject?(subject: string): Promise<readonly IdAndRecord[]>;
  /** Removes expired records, as a store that says `sweepable` does. */
  deleteExpired?(options?: SweepOptions): Promise<number>;
}
