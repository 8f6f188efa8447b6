export type { SessionsTable } from '@stet/sql';
export type { SqliteConnection } from '@stet/sql/drivers';
export { createSessionsTable } from './create-sessions-table.ts';
export { KnexStore, type KnexStoreOptions } from './knex-store.ts';
export { configureSqlite } from './sqlite-connection.ts';
