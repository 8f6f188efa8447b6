import type { Head } from '../head/head-name.ts';
import { newNonce } from '../head/nonce.ts';

/**
 * A head without content, which keeps the place of a session. It is superseded like any other, by the record that the
 * holder of the lease brings.
 */
export function newLease(now: number, leaseMs: number): Head {
  return { revision: 0, createdAt: now, expiresAt: now + leaseMs, generation: 0, nonce: newNonce(now), subject: '' };
}

export function isLease({ revision }: Head): boolean {
  return revision === 0;
}
