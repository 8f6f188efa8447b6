import { requireFacet } from '../contract/facets.ts';
import { end } from './engine/end.ts';
import type { Kept } from './engine/kept.ts';
import { isMarker } from './engine/record-data.ts';
import type { Home } from './home.ts';
import { reportEnd } from './tracing.ts';

/**
 * Ends the sessions of a subject that are more than it may have, those first that were not used for the longest time.
 */
export async function endSurplus(home: Home, { id: begun, record: { subject } }: Kept): Promise<void> {
  const most = home.maxSessionsPerSubject;
  if (most === undefined || subject === undefined) return;
  const all = await requireFacet(home.store, 'bySubject').bySubject(subject);
  const others = all
    .filter(([id, { data }]) => id !== begun && !isMarker(data))
    .toSorted(([, one], [, other]) => one.expiresAt - other.expiresAt);
  for (const [id, record] of others.slice(0, Math.max(0, others.length + 1 - most)))
    if (await end(home, id, record)) reportEnd(id, 'surplus');
}
