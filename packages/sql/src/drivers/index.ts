export { type BetterSqlite3Connection, betterSqlite3 } from './better-sqlite3.ts';
export { configureSqlite, type SqliteConnection } from './configure-sqlite.ts';
export type { Driver } from './driver.ts';
export { type Mysql2Connection, mysql2 } from './mysql2.ts';
export { type NodeSqliteConnection, nodeSqlite } from './node-sqlite.ts';
export { type PgConnection, pg } from './pg.ts';
export { type Connections, pooled } from './pooled.ts';
