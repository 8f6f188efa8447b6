import { raceSuite } from '@stet/sql-doors';
import { door as betterSqlite3 } from './doors/better-sqlite3.ts';
import { doors } from './doors/index.ts';
import { door as nodeSqlite } from './doors/node-sqlite.ts';

for (const door of doors) raceSuite([door]);
raceSuite([betterSqlite3, nodeSqlite]);
