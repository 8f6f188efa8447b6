export { KnexStore } from './knex-store.ts';
export type { KnexStoreOptions } from './knex-store-options.ts';
export { createSessionsTable, type SessionsTable } from './sessions-table.ts';
export { configureSqlite, type SqliteConnection } from './sqlite-connection.ts';
