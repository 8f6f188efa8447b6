import { hash, randomBytes } from 'node:crypto';

/**
 * A fresh secret for a visitor's cookie: 256 random bits as 43 characters of base64url (OWASP ASVS 7.2.3 asks for 128).
 */
export function generateToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a value has the form of a token. Anything else names no session and causes no I/O. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value);
}

/**
 * The id under which stores keep a token's session: the lower-case hex of its SHA-256. It is safe as a key, a file name
 * or a command word in every backend, and who reads it in a dump or a log cannot get back to the token.
 */
export function idOf(token: string): string {
  return hash('sha256', token, 'hex');
}

/** Whether a value is a session id: 64 lower-case hexadecimal digits. */
export function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** Throws a `TypeError` unless the value is a session id. For stores, before any I/O. */
export function assertSessionId(value: unknown): asserts value is string {
  if (!isSessionId(value)) {
    throw new TypeError('A session id is 64 lower-case hexadecimal digits; use idOf(token) to get one from a token.');
  }
}
