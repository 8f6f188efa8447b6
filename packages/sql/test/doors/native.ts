import {
  adminOf,
  type DatabaseName,
  type Door,
  type Opened,
  type Opening,
  startAny,
  type TestDatabase,
} from '@stet/sql-doors';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe } from 'vitest';
import { door as betterSqlite3 } from './better-sqlite3.ts';
import { door as mysql2 } from './mysql2.ts';
import { door as pg } from './pg.ts';

/** The driver's own door of each database, for what does not depend on the door. */
export const native: Readonly<Record<DatabaseName, Door>> = {
  PostgreSQL: pg,
  MariaDB: mysql2,
  SQLite: betterSqlite3,
};

/** A database with its driver's own door. Everything but `name` is there once the tests run. */
export interface Place {
  readonly name: DatabaseName;
  readonly url: string;
  readonly opened: Opened;
  readonly admin: Knex;
  /** The same door once more, as in another process. It is closed at the end. */
  another(opening?: Opening): Promise<Opened>;
}

/** Registers tests on a new database of each kind. */
export function onEachDatabase(tests: (place: Place) => void, opening: Opening = {}): void {
  describe.each(Object.keys(startAny) as DatabaseName[])('on %s', (name) => {
    let database: TestDatabase;
    const opened: Opened[] = [];
    let admin: Knex;

    async function another(each: Opening = {}): Promise<Opened> {
      const made = await native[name].open(database.url, each);
      opened.push(made);
      return made;
    }

    beforeAll(async () => {
      database = await startAny[name]();
      await another(opening);
      admin = adminOf(database.url);
    });
    afterAll(async () => {
      await Promise.all(opened.map((each) => each.close()));
      await admin.destroy();
      await database.stop();
    });

    tests({
      name,
      get url() {
        return database.url;
      },
      get opened() {
        return opened[0] as Opened;
      },
      get admin() {
        return admin;
      },
      another,
    });
  });
}
