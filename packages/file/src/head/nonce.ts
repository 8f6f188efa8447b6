import { randomBytes } from 'node:crypto';

const timeBytes = 6;

/**
 * A new name for a state of a session: the time, then 80 random bits, so that none comes back (as a UUIDv7, RFC 9562
 * 5.7).
 */
export function newNonce(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, timeBytes);
  return bytes.toString('hex');
}

/** When a nonce was made, in Unix milliseconds. */
export function timeOf(nonce: string): number {
  return Number.parseInt(nonce.slice(0, 2 * timeBytes), 16);
}
