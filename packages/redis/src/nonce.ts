import { randomBytes } from 'node:crypto';

const nonceBytes = 12;
const noncesAtOnce = 1_024;
let pool: Buffer = Buffer.alloc(0);
let used = 0;

/** 96 random bits as 16 characters of base64url: no two writes of one session ever share a nonce. */
export function newNonce(): string {
  if (used === pool.length) {
    // Asking the operating system for a nonce at a time would be a good part of what an update costs.
    pool = randomBytes(nonceBytes * noncesAtOnce);
    used = 0;
  }
  used += nonceBytes;
  return pool.toString('base64url', used - nonceBytes, used);
}
