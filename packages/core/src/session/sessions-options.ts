import type { Codec } from '../codecs/codec.ts';
import { JsonCodec } from '../codecs/json-codec.ts';
import { requireFacet } from '../contract/facets.ts';
import type { SessionStore } from '../contract/session-store.ts';
import { Turns } from './engine/turns.ts';
import { assertKnownOptions } from './guards/known-options.ts';
import type { ConflictPolicy, Home } from './home.ts';
import { type Lifetime, lifetimeOf } from './lifetime.ts';

export interface SessionsOptions extends Partial<Lifetime> {
  readonly store: SessionStore;
  /** How data becomes text. Default {@link JsonCodec}. */
  readonly codec?: Codec;
  /**
   * The most bytes one session may have when encoded; a save above it is `STORE_TOO_LARGE`. Default 65,536 or what the
   * store takes.
   */
  readonly maxDataBytes?: number;
  /** What `save` does where another save came first. Default `'merge'`. */
  readonly onConflict?: ConflictPolicy;
  /**
   * The most sessions that one subject may have: a sign-in beyond it ends the one that was not used for the longest
   * time. Needs a store with `bySubject`. Default: any number.
   */
  readonly maxSessionsPerSubject?: number;
  /** The clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

const names = [
  'store',
  'codec',
  'idleTimeoutMs',
  'absoluteTimeoutMs',
  'touchAfterMs',
  'maxDataBytes',
  'onConflict',
  'maxSessionsPerSubject',
  'now',
] satisfies ReadonlyArray<keyof SessionsOptions>;

const defaultMaxDataBytes = 65_536;

/**
 * Checks the options of `Sessions` and fills in their defaults. A `TypeError` says what to do about one that cannot
 * work.
 */
export function homeOf(options: SessionsOptions): Home & { readonly onConflict: ConflictPolicy } {
  assertKnownOptions(options, names, 'Sessions');
  const { store, codec = new JsonCodec(), onConflict = 'merge', maxSessionsPerSubject, now = Date.now } = options;
  if (typeof store?.capabilities?.maxDataBytes !== 'number')
    throw new TypeError('Sessions needs a store, e.g. new Sessions({ store: new MemoryStore() }).');
  const most = store.capabilities.maxDataBytes;
  const { maxDataBytes = Math.min(defaultMaxDataBytes, most) } = options;
  if (!(maxDataBytes > 0 && maxDataBytes <= most))
    throw new TypeError(`maxDataBytes is 1 to ${most}: the store takes no more.`);
  if (onConflict !== 'merge' && onConflict !== 'reject') throw new TypeError(`onConflict is 'merge' or 'reject'.`);
  if (maxSessionsPerSubject !== undefined) {
    if (!Number.isSafeInteger(maxSessionsPerSubject) || maxSessionsPerSubject < 1)
      throw new TypeError('maxSessionsPerSubject is a whole number above 0.');
    requireFacet(store, 'bySubject');
  }
  return {
    store,
    codec,
    maxDataBytes,
    moves: true,
    now,
    turns: new Turns(),
    lifetime: lifetimeOf(options),
    nothing: { text: codec.encode({}) },
    onConflict,
    maxSessionsPerSubject,
  };
}
