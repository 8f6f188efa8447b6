import { type NodeSqliteConnection, nodeSqlite } from '../drivers/node-sqlite.ts';
import type { SqlDatabase } from '../sql-database.ts';

export { configureSqlite, type SqliteConnection } from '../drivers/configure-sqlite.ts';
export type { NodeSqliteConnection };

/**
 * SQLite through a `DatabaseSync` of `node:sqlite`, which `configureSqlite` has set up: no driver to install. A
 * connection of its own is best. While the application has a transaction open on it, calls wait for the end of that.
 * The connection stays the application's.
 */
export function fromNodeSqlite(connection: NodeSqliteConnection & { location(): string | null }): SqlDatabase {
  return {
    dialect: 'sqlite',
    inMemory: connection.location() === null,
    run: (statement, values, turn) => nodeSqlite.run(connection, statement, values, turn),
  };
}
