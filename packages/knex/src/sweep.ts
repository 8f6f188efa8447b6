import type { DatabaseCall } from './database-call.ts';
import type { Statements } from './statements.ts';

const rowsPerSweep = 500;

/**
 * Deletes some of what is over: at most `limit` records that have expired, and leases that ran out, which count as nothing. The ids
 * are found without a lock and deleted in their order, so that sweeps wait for each other and never in a circle.
 */
export async function sweep(
  call: DatabaseCall,
  statements: Statements,
  now: () => number,
  limit: number,
): Promise<{ readonly found: number; readonly deleted: number }> {
  const seenAt = now();
  const rows = await call.read(statements.selectExpiring, [-seenAt, seenAt, rowsPerSweep]);
  const idsWhere = (isWanted: (expires: number) => boolean): string[] =>
    rows.filter(({ expires }) => isWanted(Number(expires))).map(({ id }) => String(id));
  const deleteBetween = async (ids: string[], from: number, to: number): Promise<number> => {
    if (ids.length === 0) return 0;
    return (await call.write(statements.deleteExpiring(ids.length), [...ids.sort(), from, to])).count;
  };
  const expired = idsWhere((expires) => expires >= 0).slice(0, Math.ceil(limit));
  const deleted = await deleteBetween(expired, 0, now());
  const runOut = idsWhere((expires) => expires < 0);
  await deleteBetween(runOut, -now(), -1);
  call.assertCertain();
  return { found: rows.length, deleted };
}
