import { join } from 'node:path';

/** Where a session is kept. Ids are 64 hexadecimal digits, checked before they come here: no path leaves the store. */
export interface Place {
  readonly id: string;
  /** The directory with the directories of this session and of its neighbours. */
  readonly leaf: string;
  /** The session's own directory, which holds its head and nothing else. */
  readonly session: string;
  /**
   * The directory for the content of the session: with others of the same subject, so that they are found together, or
   * in its own leaf where it has none.
   */
  shelfOf(subject: string): string;
}

/** The names of all leaves: `00` to `ff`. */
export const leafNames: readonly string[] = Array.from({ length: 256 }, (_, value) =>
  value.toString(16).padStart(2, '0'),
);

/** The leaf that an id or the digest of a subject belongs to. */
export function leafOf(directory: string, digits: string): string {
  return join(directory, digits.slice(0, 2));
}

export function placeIn(directory: string, id: string): Place {
  const leaf = leafOf(directory, id);
  const shelfOf = (subject: string): string => (subject === '' ? leaf : leafOf(directory, subject));
  return { id, leaf, session: join(leaf, id), shelfOf };
}
