import { join } from 'node:path';

/** Where a session is kept. Ids are 64 hexadecimal digits, checked before they come here: no path leaves the store. */
export interface Place {
  readonly id: string;
  /** The directory with the data files of this session and of its few neighbours. */
  readonly leaf: string;
  /** The session's own directory, which holds its head and nothing else. */
  readonly session: string;
}

export function placeIn(leaf: string, id: string): Place {
  return { id, leaf, session: join(leaf, id) };
}
