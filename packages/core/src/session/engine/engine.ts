import type { Codec } from '../../codecs/codec.ts';
import type { SessionStore } from '../../contract/session-store.ts';
import type { Turns } from './turns.ts';

/**
 * What loads, compares, merges, saves, moves and ends sessions works with. `Sessions` stands on it, and so does a layer
 * for a library that has ids and objects of its own.
 */
export interface Engine {
  readonly store: SessionStore;
  readonly codec: Codec;
  /** The most UTF-8 bytes that the data of a record may have. */
  readonly maxDataBytes: number;
  /** Whether sessions may move to another id: then whoever prolongs one has to look whether it is still there. */
  readonly moves: boolean;
  /** The clock, in Unix milliseconds. */
  readonly now: () => number;
  readonly turns: Turns;
}
