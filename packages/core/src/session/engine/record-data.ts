import type { Codec } from '../../codecs/codec.ts';
import { StoreError } from '../../contract/store-error.ts';

/**
 * The forms that a record's data takes, told apart by how it begins, so that nothing has to be parsed or decrypted for
 * it:
 *
 * - what the codec sealed: a session with the lifetime that `Sessions` says;
 * - `@life/…/` and what the codec sealed: a session with a lifetime of its own;
 * - `@stet/` and what the codec sealed: a marker of a session that has moved or ended.
 *
 * What a marker says is sealed as well, as a text that no session has: taking the prefix away, or putting it before
 * another session's data, yields nothing that can be read.
 */
const markerPrefix = '@stet/';
const lifePrefix = '@life/';
const lifeForm = /^@life\/(\d{1,16})\/(\d{1,16})\/([+?-])\//;

/** A lifetime that one session has for itself. */
export interface OwnLife {
  readonly idleTimeoutMs: number;
  readonly absoluteTimeoutMs: number;
  readonly persistent: boolean | undefined;
}

/** Where a session went that has left a marker. */
export interface Move {
  /** The id under which it goes on; `null` where it has ended. */
  readonly id: string | null;
  /** Until when requests with the old token may go on with it, in Unix milliseconds. A logout may at any time. */
  readonly until: number;
}

export function isMarker(data: string): boolean {
  return data.startsWith(markerPrefix);
}

/** The data of a record whose session has moved or ended. */
export function encodeMarker(codec: Codec, id: string, { id: to, until }: Move): string {
  return markerPrefix + codec.seal(to === null ? 'ended' : `moved ${to} ${until}`, id);
}

/** Throws `STORE_CORRUPT_RECORD` for data that only looks like a marker. */
export function decodeMarker(codec: Codec, id: string, data: string): Move {
  const text = codec.open(data.slice(markerPrefix.length), id);
  if (text === 'ended') return { id: null, until: 0 };
  const [, to = null, until] = /^moved ([0-9a-f]{64}) (\d{1,15})$/.exec(text) ?? [];
  if (to === null)
    throw new StoreError('STORE_CORRUPT_RECORD', 'The record says that the session moved, but not where.');
  return { id: to, until: Number(until) };
}

/** The data of a record that holds a session. */
export function encodeSession(sealed: string, life: OwnLife | undefined): string {
  if (!life) return sealed;
  const { idleTimeoutMs, absoluteTimeoutMs, persistent } = life;
  const kind = persistent === undefined ? '?' : persistent ? '+' : '-';
  return `${lifePrefix}${idleTimeoutMs}/${absoluteTimeoutMs}/${kind}/${sealed}`;
}

/** Takes the data of a record apart that holds a session. */
export function decodeSession(data: string): { readonly sealed: string; readonly life: OwnLife | undefined } {
  if (!data.startsWith(lifePrefix)) return { sealed: data, life: undefined };
  const [head, idle, absolute, kind] = lifeForm.exec(data) ?? [];
  if (head === undefined) throw new StoreError('STORE_CORRUPT_RECORD', 'The lifetime of the session cannot be read.');
  return {
    sealed: data.slice(head.length),
    life: {
      idleTimeoutMs: Number(idle),
      absoluteTimeoutMs: Number(absolute),
      persistent: kind === '?' ? undefined : kind === '+',
    },
  };
}

export function isSameLife(one: OwnLife | undefined, other: OwnLife | undefined): boolean {
  if (one === other) return true;
  return (
    one?.idleTimeoutMs === other?.idleTimeoutMs &&
    one?.absoluteTimeoutMs === other?.absoluteTimeoutMs &&
    one?.persistent === other?.persistent
  );
}
