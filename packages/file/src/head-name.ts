/**
 * What changes atomically about a session. It is kept in the *name* of an empty file, because replacing a name is the one
 * compare-and-set that every POSIX file system has: of all who `rename` it from the name that they read, one succeeds.
 */
export interface Head {
  readonly revision: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Random, new with each revision. It names the data file, and lets a write recognise itself. */
  readonly nonce: string;
}

const form = /^h\.([1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\.([0-9a-f]{32})$/;

/** No two states of a session share a name: an update changes the nonce, and a touch only ever raises `expiresAt`. */
export function headName({ revision, createdAt, expiresAt, nonce }: Head): string {
  return `h.${revision}.${createdAt}.${expiresAt}.${nonce}`;
}

/** The head that a file name spells, or `null` for any other name. */
export function parseHeadName(name: string): Head | null {
  const [, revision, createdAt, expiresAt, nonce] = form.exec(name) ?? [];
  if (nonce === undefined) return null;
  const head = { revision: Number(revision), createdAt: Number(createdAt), expiresAt: Number(expiresAt), nonce };
  return headName(head) === name ? head : null;
}
