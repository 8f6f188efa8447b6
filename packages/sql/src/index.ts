export type {
  SqlDatabase,
  SqlDialect,
  SqlReply,
  SqlRow,
  SqlStatement,
  SqlTurn,
  SqlValue,
} from './sql-database.ts';
export { createSessionsTable, type SessionsTable, sessionsTableSql } from './store/sessions-table.ts';
export { SqlStore } from './store/sql-store.ts';
export type { SqlStoreOptions, SqlStoreSettings } from './store/sql-store-options.ts';
