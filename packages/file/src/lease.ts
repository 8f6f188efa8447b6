import { dirname } from 'node:path';
import { publish } from './draft-directory.ts';
import { makeDirectory, syncDirectory } from './durable-write.ts';
import type { Head } from './head-name.ts';
import { newNonce } from './nonce.ts';
import type { Place } from './place.ts';

/** A head without content. It is superseded like any other, by the record that the holder of the lease brings. */
export function newLease(now: number, leaseMs: number): Head {
  return { revision: 0, createdAt: now, expiresAt: now + leaseMs, generation: 0, nonce: newNonce(now) };
}

export function isLease({ revision }: Head): boolean {
  return revision === 0;
}

/**
 * Puts a lease in a place that is free. `false`: it is not, any more.
 *
 * The lease itself is not synced: a power failure that it is lost in takes its holder, too. But the record that fills it is to
 * be found afterwards, and whoever writes that relies on the leaf being on the disk.
 */
export async function grantLease(place: Place, lease: Head, sync: boolean, assertInTime: () => void): Promise<boolean> {
  await makeDirectory(place.leaf);
  if (sync) await syncDirectory(dirname(place.leaf));
  return publish({ place, head: lease, content: null, sync: false, assertInTime });
}
