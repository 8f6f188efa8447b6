import type { FrontResult, SessionRecord } from '@stet/core';
import type { Dialect } from '../dialects/dialect.ts';
import type { SqlRow } from '../sql-database.ts';
import type { DatabaseCall } from './database-call.ts';
import { type EntryState, newNonce, parseToken, tokenOf, writtenAt } from './entry-token.ts';
import { isLive, recordIn, rowValues } from './session-row.ts';
import type { Statements } from './statements.ts';

/** What the entries of a front are kept with. */
export interface Front {
  readonly dialect: Dialect;
  readonly statements: Statements;
  readonly leaseMs: number;
  readonly now: () => number;
}

/** A row that is a live record, or else a lease: a new one, or somebody else's that still runs. */
export async function loadOrLease(
  call: DatabaseCall,
  { dialect, statements, leaseMs, now }: Front,
  id: string,
): Promise<FrontResult> {
  const own = new Set<unknown>();
  for (;;) {
    const [row] = await call.read(statements.select, [id]);
    const at = now();
    if (row && isLive(row, at)) {
      return { status: 'hit', record: recordIn(row), token: tokenOf(row), storedAt: writtenAt(row) };
    }
    if (row && !isOver(row, at)) {
      return own.has(row.nonce) ? { status: 'leased', token: tokenOf(row) } : { status: 'busy' };
    }
    // One whose reply was lost may yet arrive. Had this one its nonce, that would bring back a lease that was
    // cancelled.
    const nonce = newNonce(at);
    own.add(nonce);
    const lease = leaseUntil(at + leaseMs, at);
    const values = [...rowValues(dialect, nonce, lease), id];
    const { count } = row
      ? await call.write(statements.replace, [...values, String(row.nonce), Number(row.expires)])
      : await call.write(statements.insert, values);
    if (count > 0) return { status: 'leased', token: tokenOf({ nonce, expires: lease.expiresAt }) };
  }
}

/** Replaces the row whose token stands, and gives the token of the new one. */
export async function replaceIf(
  call: DatabaseCall,
  { dialect, statements, now }: Front,
  id: string,
  token: string,
  record: SessionRecord,
): Promise<string | null> {
  const held = parseToken(token);
  const next = { nonce: newNonce(now()), expires: record.expiresAt };
  while (held && !isOver(held, now())) {
    const values = [...rowValues(dialect, next.nonce, record), id, held.nonce, held.expires];
    const { count } = await call.write(statements.replace, values);
    if (count > 0) return tokenOf(next);
    const [row] = await call.read(statements.selectState, [id]);
    if (row?.nonce === next.nonce) return tokenOf(next);
    if (!row || tokenOf(row) !== token) break;
  }
  call.assertCertain();
  return null;
}

/**
 * A lease has its end, negated, for an expiry. So it is no live record to any statement, and what is over has its
 * expiry between `-now` and `now`, one range of the index.
 */
function leaseUntil(endsAt: number, createdAt: number): SessionRecord {
  return { revision: 0, createdAt, expiresAt: -endsAt, data: '' };
}

/** Whether it is a record that has expired, or a lease that has run out. */
function isOver({ expires }: SqlRow | EntryState, now: number): boolean {
  return Math.abs(Number(expires)) <= now;
}
