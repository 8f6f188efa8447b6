import type { SqlValue } from '../sql-database.ts';
import type { DatabaseCall } from './database-call.ts';
import { rowsPerSweep, type Statements } from './statements.ts';

/**
 * Deletes some of what is over: at most `limit` records that have expired, and leases that ran out, which count as
 * nothing. The ids are found without a lock and deleted in their order, so that sweeps wait for each other and never in
 * a circle.
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
    const fitting = statements.deleteExpiring.find((each) => each.ids >= ids.length);
    if (ids.length === 0 || !fitting) return 0;
    const values: SqlValue[] = ids.sort();
    // The last one stands in all places that are left.
    while (values.length < fitting.ids) values.push(values.at(-1) as SqlValue);
    return (await call.write(fitting.statement, [...values, from, to])).count;
  };
  const expired = idsWhere((expires) => expires >= 0).slice(0, limit);
  const deleted = await deleteBetween(expired, 0, now());
  const runOut = idsWhere((expires) => expires < 0);
  await deleteBetween(runOut, -now(), -1);
  call.assertCertain();
  return { found: rows.length, deleted };
}
