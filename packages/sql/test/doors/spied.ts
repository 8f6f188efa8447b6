import type { SqlDatabase, SqlStatement } from '@stet/sql';

/** What is done while a statement passes. */
interface Spy {
  before?(statement: SqlStatement): unknown;
  /** It has its answer, and whoever asked for it does not have it yet. */
  after?(statement: SqlStatement): unknown;
  failed?(error: unknown): unknown;
}

/** The same database, with somebody who looks on. */
export function spied(database: SqlDatabase, { before, after, failed }: Spy): SqlDatabase {
  return {
    ...database,
    async run(statement, values, turn) {
      await before?.(statement);
      try {
        const reply = await database.run(statement, values, turn);
        await after?.(statement);
        return reply;
      } catch (error) {
        await failed?.(error);
        throw error;
      }
    },
  };
}
