import { randomBytes } from 'node:crypto';
import type { SqlRow } from '../sql-database.ts';

/**
 * What tells one state of a row from every other: each write but a touch makes a new nonce, and a touch makes the
 * expiry later, never earlier.
 */
export interface EntryState {
  readonly nonce: string;
  readonly expires: number;
}

const timeDigits = 12;
const tokenOfState = /^([0-9a-f]{32})\.(0|-?[1-9][0-9]{0,15})$/;

/** The mark of a write: when it was made, in milliseconds, and 80 random bits. */
export function newNonce(now: number): string {
  return now.toString(16).padStart(timeDigits, '0') + randomBytes(10).toString('hex');
}

/**
 * When a row was written. A touch leaves it, so that the entry seems older than it is, and is asked for anew too early
 * at worst.
 */
export function writtenAt({ nonce }: SqlRow): number {
  return Number.parseInt(String(nonce).slice(0, timeDigits), 16);
}

export function tokenOf({ nonce, expires }: SqlRow | EntryState): string {
  return `${nonce}.${expires}`;
}

/** The state that a token stands for, or `null` for a text that no row ever had for a token. */
export function parseToken(token: string): EntryState | null {
  const [, nonce = '', expires] = tokenOfState.exec(token) ?? [];
  return Number.isSafeInteger(Number(expires)) ? { nonce, expires: Number(expires) } : null;
}
