/**
 * What changes atomically about a session. It is kept in the *name* of an empty file, because replacing a name is the one
 * compare-and-set that every POSIX file system has: of all who `rename` it from the name that they read, one succeeds.
 */
export interface Head {
  /** 0 in a lease, which is no session but keeps the place of one. */
  readonly revision: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /**
   * One more than that of the head that this one superseded, whatever their revisions: 1 in a creation, 0 in a lease. It tells of
   * content that no head names (yet) whether one still can.
   */
  readonly generation: number;
  /** New with each generation. It names the data file, and lets a write recognise itself. */
  readonly nonce: string;
}

const form = /^h\.(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\.([0-9a-f]{32})$/;

/** No two states of a session share a name: each generation has a nonce of its own, and a touch only ever raises `expiresAt`. */
export function headName({ revision, createdAt, expiresAt, generation, nonce }: Head): string {
  return `h.${revision}.${createdAt}.${expiresAt}.${generation}.${nonce}`;
}

/** The head that a file name spells, or `null` for any other name. */
export function parseHeadName(name: string): Head | null {
  const [, revision, createdAt, expiresAt, generation, nonce] = form.exec(name) ?? [];
  if (nonce === undefined) return null;
  const head = {
    revision: Number(revision),
    createdAt: Number(createdAt),
    expiresAt: Number(expiresAt),
    generation: Number(generation),
    nonce,
  };
  return headName(head) === name ? head : null;
}
