import type { Door } from '@stet/sql-doors';
import { door as betterSqlite3 } from './better-sqlite3.ts';
import { door as mysql2 } from './mysql2.ts';
import { door as nodeSqlite } from './node-sqlite.ts';
import { door as pg } from './pg.ts';

/** The doors of the drivers. */
export const doors: readonly Door[] = [pg, mysql2, betterSqlite3, nodeSqlite];
